import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, type Person, signIn, signUp } from '../clients.ts'
import { expectCode, sendRaw } from './refusals.ts'
import { type Tokens, tryChangePassword, tryLogin, tryRefresh } from './sign-in.ts'
import { expectTokenRefused } from './token-refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index))

describe('a refresh token', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  const refresh = async (token: string): Promise<Tokens> => {
    const { data, errors } = await tryRefresh(system.url, token)
    expect(errors).toBeUndefined()
    return data?.refresh as Tokens
  }
  const expectDead = async (what: string, tokens: Tokens) => {
    expectCode(await tryRefresh(system.url, tokens.refreshToken), 'UNAUTHENTICATED')
    await expectTokenRefused(system, what, tokens.accessToken)
  }
  const expectAlive = async (who: Person) => {
    expect((await who.try('{ me { id } rooms { edges { cursor } } sessions { id } }')).errors).toBeUndefined()
  }

  it('has exactly one successor when it is used 50 times at once', async () => {
    const session = await signIn(system.url, ann)
    const replies = await Promise.all(times(50, () => tryRefresh(system.url, session.refreshToken)))
    const successors = new Set(replies.flatMap(({ data }) => (data ? [data.refresh.refreshToken] : [])))
    expect(replies.filter(({ errors }) => errors)).toEqual([])
    expect(successors.size).toBe(1)
    await refresh([...successors][0] as string)
  })

  it('gives the living token to whoever comes with an ancestor within the grace, from however far back', async () => {
    const session = await signIn(system.url, ann)
    const chain: Tokens[] = [session]
    for (let step = 0; step < 8; step += 1) chain.push(await refresh((chain.at(-1) as Tokens).refreshToken))
    const replies = await Promise.all(chain.slice(0, -1).map(({ refreshToken }) => refresh(refreshToken)))
    expect(new Set(replies.map(({ refreshToken }) => refreshToken))).toEqual(new Set([chain.at(-1)?.refreshToken]))
    await refresh((chain.at(-1) as Tokens).refreshToken)
    await expectAlive(ann)
  })

  it('is kept by six tabs of one browser that refresh whenever they like, and share one cookie', async () => {
    for (const round of times(6, (index) => index)) {
      let cookie = `parley_refresh=${(await signIn(system.url, ann)).refreshToken}`
      const tab = async (index: number) => {
        for (let turn = 0; turn < 3; turn += 1) {
          for (let delay = 0; delay < (index * round + turn) % 4; delay += 1) await ask(system.url, '{ __typename }')
          const { data, errors, headers } = await tryRefresh(system.url, undefined, { cookie })
          expect(errors).toBeUndefined()
          expect(data?.refresh.accessToken).toEqual(expect.any(String))
          cookie = String(headers.getSetCookie()[0]?.split(';')[0])
        }
      }
      await Promise.all(times(6, tab))
    }
  })

  it.each<[how: string, end: (session: Person, other: Person) => Promise<unknown>]>([
    ['its session signs out', (session) => session.try('mutation { logout }')],
    ['another session signs out everywhere', (_, other) => other.try('mutation { logout(everywhere: true) }')],
    [
      'another session ends it',
      (session, other) => other.try('mutation ($id: ID!) { revokeSession(id: $id) }', { id: session.sessionId }),
    ],
    [
      'another session changes the password',
      (session, other) => tryChangePassword(other, session.password, `${session.password}!`),
    ],
  ])('leaves nothing alive when it is refreshed while %s', async (how, end) => {
    for (const round of times(12, (index) => index)) {
      const other = await signUp(system.url, 'Racer')
      const session = await signIn(system.url, other)
      let last: Tokens = session
      const keepRefreshing = async () => {
        for (let count = 0; count < 6; count += 1) {
          const { data } = await tryRefresh(system.url, last.refreshToken)
          if (!data) return
          last = data.refresh
        }
      }
      const endSoon = async () => {
        for (let turn = 0; turn < round; turn += 1) await ask(system.url, '{ __typename }')
        await end(session, other)
      }
      await Promise.all([keepRefreshing(), endSoon()])
      await expectDead(`${how}, in round ${round}`, last)
      await expectTokenRefused(system, 'the first access token', session.accessToken)
    }
  })

  it('leaves at most one family of two that fight over it', async () => {
    for (const round of times(10, (index) => index)) {
      const session = await signIn(system.url, ann)
      const held: Tokens[] = [session]
      const useAll = async () => {
        for (let count = 0; count < 5; count += 1) {
          const { data } = await tryRefresh(
            system.url,
            held[Math.floor((count + round) / 2) % held.length]?.refreshToken,
          )
          if (data) held.push(data.refresh)
        }
      }
      await Promise.all([useAll(), useAll(), useAll()])
      const alive = new Set<string>()
      for (const { refreshToken } of held.toReversed()) {
        const { data } = await tryRefresh(system.url, refreshToken)
        if (data) alive.add(data.refresh.refreshToken)
      }
      expect(alive.size).toBeLessThanOrEqual(1)
    }
    await expectAlive(ann)
  })

  it('that was never given out is refused, and does no harm', async () => {
    const session = await signIn(system.url, ann)
    const token = session.refreshToken
    const strange = [
      '',
      ' ',
      'x',
      'A'.repeat(43),
      token.slice(0, -1),
      `${token}A`,
      ` ${token}`,
      token.toUpperCase(),
      `${token}=`,
      "' or 1=1 -- ",
      '\0',
      'é'.repeat(43),
      session.accessToken,
      'x'.repeat(50_000),
    ]
    for (const refreshToken of strange) {
      const { data, errors } = await tryRefresh(system.url, refreshToken)
      expect(data).toBeNull()
      expectCode({ errors }, 'UNAUTHENTICATED')
    }
    await refresh(token)
  })

  it('is not shown to scripts or other sites by its cookie, and a page elsewhere cannot use it', async () => {
    const reply = await tryLogin(system.url, ann.username, ann.password)
    const cookie = String(reply.headers.getSetCookie()[0])
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const query = 'mutation { refresh { refreshToken } }'
    const sent = cookie.split(';')[0] as string
    system.forget()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status } = await sendRaw(`${system.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': type, cookie: sent, origin: 'https://evil.example' },
        body: JSON.stringify({ query }),
      })
      expect([400, 415]).toContain(status)
    }
    expect(system.calls).toEqual([])
    const { data } = await tryRefresh(system.url, undefined, { cookie: sent })
    expect(data?.refresh.refreshToken).toBeDefined()
  })

  it('in the cookie of another browser neither acts for, nor ends, the one who signed in here', async () => {
    const ben = await signUp(system.url, 'Ben')
    const mallory = await signIn(system.url, ann)
    const cookie = `parley_refresh=${mallory.refreshToken}`
    const { data } = await ask<{ me: { id: string } }>(system.url, '{ me { id } }', {}, { ...ben.headers, cookie })
    expect(data?.me.id).toBe(ben.userId)
    expect((await ask(system.url, '{ me { id } }', {}, { cookie })).data?.me ?? null).toBeNull()
    await ask(system.url, 'mutation { logout }', {}, { ...ben.headers, cookie })
    await expectAlive(mallory)
    await refresh(mallory.refreshToken)
    expectCode(await tryRefresh(system.url, ben.refreshToken), 'UNAUTHENTICATED')
    for (const odd of [
      'parley_refresh=',
      'parley_refresh',
      'parley_refresh=%',
      'parley_refresh="a"; parley_refresh=b',
      '__proto__=x',
      '=;=;',
    ]) {
      expectCode(await tryRefresh(system.url, undefined, { cookie: odd }), 'UNAUTHENTICATED')
    }
  })
})

describe('a refresh token that comes back after the grace', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem({ auth: { refreshGrace: 1 } })
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  it.each([
    ['its successor was never used', 1],
    ['its successor was used', 2],
    ['many came after it', 12],
  ])('ends its whole family, and nobody else, when %s', async (_, steps) => {
    const stolen = await signIn(system.url, ann)
    const family: Tokens[] = [stolen]
    for (let step = 0; step < steps; step += 1) {
      const { data } = await tryRefresh(system.url, family.at(-1)?.refreshToken)
      family.push(data?.refresh as Tokens)
    }
    const reuse = () => tryRefresh(system.url, stolen.refreshToken)
    let reply = await reuse()
    while (!reply.errors) reply = await reuse()
    expectCode(reply, 'UNAUTHENTICATED')
    for (const tokens of family.toReversed()) {
      expectCode(await tryRefresh(system.url, tokens.refreshToken), 'UNAUTHENTICATED')
      await expectTokenRefused(system, 'a token of the family', tokens.accessToken)
    }
    expect((await ann.try('{ me { id } sessions { id } }')).errors).toBeUndefined()
  })
})
