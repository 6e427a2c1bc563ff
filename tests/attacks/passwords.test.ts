import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, type Person, signIn, signUp } from '../clients.ts'
import { expectCode, sendRaw } from './refusals.ts'
import { answerOf, tryChangePassword, tryLogin } from './sign-in.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const register = 'mutation ($input: RegisterInput!) { register(input: $input) { userId } }'
/** By the rule that it breaks. */
const badPasswords: Record<string, string[]> = {
  long: ['x'.repeat(73), 'é'.repeat(37), '😀'.repeat(19), `${'x'.repeat(71)}é`, 'x'.repeat(50_000)],
  short: ['', 'a', 'abcdefg', '😀'.repeat(7)],
  illFormed: ['abcdefgh\ud800', '\udfffabcdefgh'],
  common: ['password', '12345678', 'PASSWORD', 'Password1', 'iloveyou', 'qwertyuiop'],
}

describe('a password', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem({
      auth: {
        limits: {
          loginsPerAddress: 1_000,
          registrationsPerAddress: 1_000,
          failuresPerAccount: 1_000,
          passwordChangesPerAccount: 1_000,
        },
      },
    })
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  const registerWith = (password: string, username = `u${randomUUID().slice(0, 12)}`) =>
    ask(system.url, register, { input: { username, password, displayName: 'Somebody' } })

  it('that is too long, too short, ill-formed or among the most common is refused, each with its own message', async () => {
    const messages = new Set<string>()
    for (const [rule, passwords] of Object.entries(badPasswords)) {
      const told = new Set<string>()
      for (const password of passwords) {
        const username = `u${randomUUID().slice(0, 12)}`
        const error = expectCode(await registerWith(password, username), 'BAD_USER_INPUT')
        expect(error.extensions.field).toBe('password')
        told.add(error.message)
        const changed = expectCode(await tryChangePassword(ann, ann.password, password), 'BAD_USER_INPUT')
        expect(changed.extensions.field).toBe('newPassword')
        expectCode(await tryLogin(system.url, username, password), 'UNAUTHENTICATED')
      }
      expect({ rule, told: [...told] }).toEqual({ rule, told: [expect.any(String)] })
      messages.add([...told][0] as string)
    }
    expect(messages.size).toBe(Object.keys(badPasswords).length)
    expect((await tryLogin(system.url, ann.username, ann.password)).errors).toBeUndefined()
  })

  it('is compared to its last byte, and behind a zero', async () => {
    for (const [password, ...others] of [
      ['x'.repeat(72), `${'x'.repeat(72)}y`, `${'x'.repeat(71)}y`, 'x'.repeat(71)],
      ['abcdefgh\0one', 'abcdefgh\0two', 'abcdefgh', 'abcdefgh\0'],
      ['\0abcdefghij', '\0', '', '\0zzzzzzzzzz'],
      ['pass\u00e9word one', 'passeword one', 'pass\u00e9word ONE', ' pass\u00e9word one', 'pass\u00e9word  one'],
    ] as [string, ...string[]][]) {
      const username = `u${randomUUID().slice(0, 12)}`
      expect((await registerWith(password, username)).errors).toBeUndefined()
      for (const other of others) {
        const reply = await tryLogin(system.url, username, other)
        expect({ password, other, code: reply.errors?.[0]?.extensions.code }).toEqual({
          password,
          other,
          code: 'UNAUTHENTICATED',
        })
      }
      expect((await tryLogin(system.url, username, password)).errors).toBeUndefined()
    }
  })

  it('is the same in every Unicode normal form and with every kind of space, at each door', async () => {
    const forms = [
      'p\u00e4ss w\u00f6rd \u212b\u1e69',
      'pa\u0308ss wo\u0308rd A\u030as\u0323\u0307',
      'p\u00e4ss\u00a0w\u00f6rd\u3000\u00c5\u1e69',
      'pa\u0308ss\u2003w\u00f6rd \u00c5s\u0307\u0323',
    ]
    for (const [index, set] of forms.entries()) {
      const username = `u${randomUUID().slice(0, 12)}`
      expect((await registerWith(set, username)).errors).toBeUndefined()
      for (const typed of forms) expect((await tryLogin(system.url, username, typed)).errors).toBeUndefined()
      expectCode(await tryLogin(system.url, username, 'pass word As'), 'UNAUTHENTICATED')
      const who = await signIn(system.url, { ...ann, username, password: set })
      const next = forms[(index + 1) % forms.length] as string
      expect((await tryChangePassword(who, next, `${set}!`)).errors).toBeUndefined()
      for (const typed of forms) expect((await tryLogin(system.url, username, `${typed}!`)).errors).toBeUndefined()
      expectCode(await tryLogin(system.url, username, set), 'UNAUTHENTICATED')
    }
  })

  it('that is wrong, empty or impossible gets the same answer as a user that nobody is, byte for byte', async () => {
    const wrong = await tryLogin(system.url, ann.username, 'a wrong password')
    expectCode(wrong, 'UNAUTHENTICATED')
    const passwords = [
      'a wrong password',
      '',
      ...Object.values(badPasswords).flat(),
      `${ann.password}\0`,
      "' or 1=1 -- ",
    ]
    for (const password of passwords) {
      expect(answerOf(await tryLogin(system.url, ann.username, password))).toBe(answerOf(wrong))
      expect(answerOf(await tryLogin(system.url, `u${randomUUID().slice(0, 12)}`, password))).toBe(answerOf(wrong))
    }
    for (const impossible of ['', 'x', '../..', "' or 1=1 -- ", '\u212aate', 'x'.repeat(10_000), '__proto__']) {
      const reply = await tryLogin(system.url, impossible, ann.password)
      expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toBe('username')
      expect(answerOf(await tryLogin(system.url, impossible, ''))).toBe(answerOf(reply))
    }
  })

  it('never comes back in an answer, an error or a session', async () => {
    const secret = 'a very special secret'
    const replies = [
      await tryLogin(system.url, ann.username, secret),
      await tryChangePassword(ann, secret, 'another good one'),
      await ask(system.url, register, { input: { username: 'x', password: secret, displayName: '' } }),
      await ask(system.url, register, {
        input: { username: ann.username, password: secret, displayName: 'x', other: 1 },
      }),
      await ask(system.url, register, { input: { password: secret } }),
      await ask(system.url, register, { input: secret }),
      await ask(system.url, register, { input: { username: 'x', password: [secret], displayName: 'x' } }),
      await ask(system.url, `mutation { register(input: "${secret}") { accessToken } }`),
      await ask(
        system.url,
        `mutation { login(input: { username: { a: "${secret}" }, password: "x" }) { accessToken } }`,
      ),
      await ask(system.url, `mutation { login(input: { username: "x", password: "x" "${secret}" }) { accessToken } }`),
    ]
    for (const reply of replies) {
      expect(reply.errors).toBeDefined()
      expect(JSON.stringify(reply)).not.toContain(secret)
    }
  })
})

describe('many sign-ins at once', () => {
  let system: WatchedSystem

  beforeAll(async () => {
    system = await startWatchedSystem({
      auth: {
        bcryptCost: 10,
        limits: {
          loginsPerAddress: 1_000,
          registrationsPerAddress: 1_000,
          failuresPerAccount: 1_000,
          passwordChangesPerAccount: 1_000,
        },
      },
    })
  })
  afterAll(() => system.stop())

  it('are served up to a bound; past it they are told when to come back, while everything else goes on', async () => {
    const ann = await signUp(system.url, 'Ann')
    let pending = 0
    const storm = Array.from({ length: 60 }, async (_, index) => {
      pending += 1
      return tryLogin(system.url, `nobody${index}`, 'some password').finally(() => {
        pending -= 1
      })
    })
    let answeredMeanwhile = 0
    while (pending > 0) {
      for (const url of [system.url, ...Object.values(system.subgraphs).map((subgraph) => subgraph.url)]) {
        expect((await sendRaw(`${url}/health/live`, {})).status).toBe(200)
      }
      expect(await ann.do('{ me { id } }')).toEqual({ me: { id: ann.userId } })
      answeredMeanwhile += 1
    }
    expect(answeredMeanwhile).toBeGreaterThan(1)
    const replies = await Promise.all(storm)
    const refused = replies.filter(({ errors }) => errors?.[0]?.extensions.code !== 'UNAUTHENTICATED')
    expect(replies.length - refused.length).toBeGreaterThanOrEqual(18)
    expect(refused.length).toBeGreaterThan(0)
    for (const reply of refused) {
      expect(expectCode(reply, 'UNAVAILABLE').extensions.retryAfter).toBeGreaterThan(0)
    }
    expect((await tryLogin(system.url, ann.username, ann.password)).errors).toBeUndefined()
  })

  it('are served to strangers while one account floods, with either password operation', async () => {
    const flooding = await signUp(system.url, 'Flooding')
    const strangers = await Promise.all(Array.from({ length: 8 }, () => signUp(system.url, 'Stranger')))
    const { username, password } = flooding
    for (const attack of [
      () => tryChangePassword(flooding, password, password),
      () => tryLogin(system.url, username, password),
    ]) {
      let over = false
      const codes = new Set<string | undefined>()
      const lanes = Array.from({ length: 24 }, async () => {
        while (!over) codes.add((await attack()).errors?.[0]?.extensions.code)
      })
      try {
        for (let round = 0; round < 3; round += 1) {
          const replies = await Promise.all(strangers.map((one) => tryLogin(system.url, one.username, one.password)))
          expect(replies.flatMap(({ errors }) => errors ?? [])).toEqual([])
        }
      } finally {
        over = true
        await Promise.allSettled(lanes)
      }
      expect(codes).toContain('TOO_MANY_REQUESTS')
    }
  })
})
