import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SignInRules } from '../../subgraphs/auth/domain/sign-in-limits.ts'
import { ask, type Person, signUp } from '../clients.ts'
import { expectCode } from './refusals.ts'
import { answerOf, tryChangePassword, tryLogin } from './sign-in.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const claims = (address: string): Record<string, string> => ({
  'x-forwarded-for': address,
  'x-real-ip': address,
  'x-client-ip': address,
  'cf-connecting-ip': address,
  'true-client-ip': address,
  forwarded: `for=${address}`,
})
const someAddress = (index: number) => `203.0.113.${index}`

describe('guessing', () => {
  let system: WatchedSystem
  afterEach(() => system.stop())

  const start = (limits: Partial<SignInRules>, gateway = {}) =>
    startWatchedSystem({
      gateway,
      auth: {
        limits: {
          loginsPerAddress: 1_000,
          registrationsPerAddress: 1_000,
          failuresPerAccount: 1_000,
          passwordChangesPerAccount: 1_000,
          ...limits,
        },
      },
    })
  const failures = async (count: number, username: string, headers?: (index: number) => Record<string, string>) => {
    for (let index = 0; index < count; index += 1) {
      expectCode(await tryLogin(system.url, username, `guess ${index}`, headers?.(index)), 'UNAUTHENTICATED')
    }
  }
  const expectSlowedDown = async (
    who: Pick<Person, 'username' | 'password'>,
    { headers = {}, limit = 'failures_per_account' } = {},
  ) => {
    const { extensions } = expectCode(
      await tryLogin(system.url, who.username, who.password, headers),
      'TOO_MANY_REQUESTS',
    )
    expect(extensions).toMatchObject({ limit, allowed: expect.any(Number) })
    expect(extensions.retryAfter).toBeGreaterThan(0)
    // The delay grows to 11 minutes and no further: nobody is locked out for good.
    expect(extensions.retryAfter).toBeLessThanOrEqual(900)
  }

  it('at one account has to wait after ten failures, from whatever address and in whatever spelling', async () => {
    system = await start({ failuresPerAccount: 10 }, { trustedProxies: ['127.0.0.1'] })
    const ann = await signUp(system.url, 'Ann')
    const ben = await signUp(system.url, 'Ben')
    await failures(5, ann.username, (index) => ({ 'x-forwarded-for': someAddress(index) }))
    await failures(5, ann.username.toUpperCase(), (index) => ({ 'x-forwarded-for': someAddress(100 + index) }))
    await expectSlowedDown(ann)
    await expectSlowedDown(
      { ...ann, username: ann.username.toUpperCase() },
      { headers: { 'x-forwarded-for': '198.51.100.7' } },
    )
    expectCode(await tryChangePassword(ann, ann.password, 'another good one'), 'TOO_MANY_REQUESTS')
    expect((await tryLogin(system.url, ben.username, ben.password)).errors).toBeUndefined()
    expect((await ann.try('{ me { id } }')).errors).toBeUndefined()
  })

  it('of the current password, by a stolen session, counts as guessing at sign-in', async () => {
    system = await start({ failuresPerAccount: 10 })
    const ann = await signUp(system.url, 'Ann')
    for (let index = 0; index < 10; index += 1) {
      expectCode(await tryChangePassword(ann, `guess ${index}`, 'another good one'), 'BAD_USER_INPUT')
    }
    expectCode(await tryChangePassword(ann, ann.password, 'another good one'), 'TOO_MANY_REQUESTS')
    await expectSlowedDown(ann)
  })

  it('or changing it, an account tries five times in 15 minutes, also with the right password', async () => {
    system = await start({ passwordChangesPerAccount: 5 })
    const ann = await signUp(system.url, 'Ann')
    for (let index = 0; index < 5; index += 1)
      expect((await tryChangePassword(ann, ann.password, ann.password)).errors).toBeUndefined()
    const { extensions } = expectCode(await tryChangePassword(ann, ann.password, ann.password), 'TOO_MANY_REQUESTS')
    expect(extensions.retryAfter).toBeGreaterThan(0)
    expect((await tryLogin(system.url, ann.username, ann.password)).errors).toBeUndefined()
    const ben = await signUp(system.url, 'Ben')
    expect((await tryChangePassword(ben, ben.password, 'another good one')).errors).toBeUndefined()
  })

  it('does not tell an account from a name that nobody has', async () => {
    system = await start({ failuresPerAccount: 10 })
    const ann = await signUp(system.url, 'Ann')
    const nobody = `u${randomUUID().slice(0, 12)}`
    await failures(10, ann.username)
    await failures(10, nobody)
    const answers = await Promise.all([ann.username, nobody].map((name) => tryLogin(system.url, name, 'guess')))
    expect(new Set(answers.map(({ errors }) => errors?.[0]?.extensions.code))).toEqual(new Set(['TOO_MANY_REQUESTS']))
  })

  it('many passwords at once gains nothing', async () => {
    system = await start({ failuresPerAccount: 10 })
    const ann = await signUp(system.url, 'Ann')
    const replies = await Promise.all(
      Array.from({ length: 16 }, (_, index) => tryLogin(system.url, ann.username, `guess ${index}`)),
    )
    expect(
      replies.filter(({ errors }) => errors?.[0]?.extensions.code === 'UNAUTHENTICATED').length,
    ).toBeLessThanOrEqual(10)
    await expectSlowedDown(ann)
  })

  it('from one address ends after 20 tries a minute, whatever the address claims to be', async () => {
    system = await start({ loginsPerAddress: 20 })
    const ann = await signUp(system.url, 'Ann')
    for (let index = 0; index < 20; index += 1) {
      const reply = await tryLogin(system.url, `nobody${index}`, 'guess', claims(someAddress(index)))
      expectCode(reply, 'UNAUTHENTICATED')
    }
    for (const address of [someAddress(21), '::1', '127.0.0.1', '10.0.0.1', 'unknown', '', '127.0.0.1, 203.0.113.9']) {
      await expectSlowedDown(ann, { headers: claims(address), limit: 'logins_per_address' })
    }
    const { sessions } = await ann.do<{ sessions: { ip: string }[] }>('{ sessions { ip } }')
    expect(sessions.map(({ ip }) => ip)).toEqual(['127.0.0.1'])
  })

  it('from a network of IPv6 addresses counts as from one; what a client says before its proxy does not count', async () => {
    system = await start({ loginsPerAddress: 5 }, { trustedProxies: ['127.0.0.1'] })
    const ann = await signUp(system.url, 'Ann')
    const network = (index: number) => ({ 'x-forwarded-for': `${someAddress(index)}, 2001:db8:1:2:${index}::${index}` })
    for (let index = 0; index < 5; index += 1)
      expectCode(await tryLogin(system.url, 'nobody', 'guess', network(index)), 'UNAUTHENTICATED')
    await expectSlowedDown(ann, { headers: network(77), limit: 'logins_per_address' })
    await expectSlowedDown(ann, {
      headers: { 'x-forwarded-for': '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff' },
      limit: 'logins_per_address',
    })
    const elsewhere = await tryLogin(system.url, ann.username, ann.password, { 'x-forwarded-for': '2001:db8:1:3::1' })
    expect(elsewhere.errors).toBeUndefined()
  })

  it('with any operation is bounded for an address, and forged addresses change nothing', async () => {
    system = await startWatchedSystem({ gateway: { pointsPerMinute: { ofUser: 5_000, ofAddress: 1_000 } } })
    for (let index = 0; index < 10; index += 1) {
      expect((await ask(system.url, '{ me { id } }', {}, claims(someAddress(index)))).status).not.toBe(429)
    }
    system.forget()
    for (let index = 0; index < 5; index += 1) {
      const reply = await ask(system.url, '{ me { id } }', {}, claims(someAddress(100 + index)))
      expect(reply.status).toBe(429)
      expect(expectCode(reply, 'TOO_MANY_REQUESTS').extensions.retryAfter).toBeGreaterThan(0)
    }
    expect(system.calls).toEqual([])
    expect(answerOf(await ask(system.url, '{ __typename }'))).toContain('TOO_MANY_REQUESTS')
  })

  it('with any operation is bounded for a network of IPv6 addresses as for one', async () => {
    system = await startWatchedSystem({
      gateway: { pointsPerMinute: { ofUser: 2_600, ofAddress: 1_000 }, trustedProxies: ['127.0.0.1'] },
    })
    const from = (address: string) => ask(system.url, '{ me { id } }', {}, { 'x-forwarded-for': address })
    for (let index = 0; index < 5; index += 1) expect((await from(`2001:db8:1:2::${index}`)).status).not.toBe(429)
    expect((await from('2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await from('2001:db8:1:3::1')).status).not.toBe(429)
  })
})
