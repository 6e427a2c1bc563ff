import { beforeEach, describe, expect, it } from '@jest/globals'
import type { AppError } from '../../../platform/errors/app-error.ts'
import type { RateLimit, RateRule } from '../../../platform/limits/rate-limit.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { createSignInLimits, type SignInLimits } from './sign-in-limits.ts'

/** A `RateLimit` whose clock stands still until it is set; `seconds` since it began. */
function createClockedRateLimit() {
  const clock = { seconds: 0 }
  const windows = new Map<string, { ends: number; calls: number }>()
  const rateLimit: RateLimit = {
    async take(key, { limit, seconds }: RateRule) {
      const name = `${key} ${limit}/${seconds}`
      const found = windows.get(name)
      const open = found && found.ends > clock.seconds ? found : { ends: clock.seconds + seconds, calls: 0 }
      windows.set(name, open)
      open.calls += 1
      return open.calls <= limit ? 0 : open.ends - clock.seconds
    },
    async reset(key) {
      for (const name of windows.keys()) if (name.startsWith(`${key} `)) windows.delete(name)
    },
    async close() {},
  }
  return { clock, rateLimit }
}

describe('sign-in limits', () => {
  let clock: { seconds: number }
  let limits: SignInLimits
  beforeEach(() => {
    const clocked = createClockedRateLimit()
    clock = clocked.clock
    limits = createSignInLimits(clocked.rateLimit, {
      loginsPerAddress: 2,
      registrationsPerAddress: 1,
      failuresPerAccount: 10,
      passwordChangesPerAccount: 2,
    })
  })
  /** The seconds that a try is told to wait; 0 when it is admitted. */
  const waitOf = (admitted: Promise<void>) =>
    admitted.then(
      () => 0,
      (error: AppError) => {
        expect(error.code).toBe('TOO_MANY_REQUESTS')
        return error.details.retryAfter ?? Number.NaN
      },
    )
  const tenTries = async () => {
    for (let tries = 0; tries < 10; tries += 1) expect(await waitOf(limits.admitPassword('ada'))).toBe(0)
  }

  it('admits ten tries at an account, then makes every further one wait longer', async () => {
    await tenTries()
    const admittedAt = [clock.seconds]
    while (admittedAt.length < 6) {
      const wait = await waitOf(limits.admitPassword('ada'))
      if (wait === 0) admittedAt.push(clock.seconds)
      clock.seconds += wait
    }
    const gaps = admittedAt.slice(1).map((seconds, index) => seconds - (admittedAt[index] ?? 0))
    expect(gaps).toEqual([5, 15, 40, 180, 660])
  })

  it('never locks an account for longer than its window', async () => {
    await tenTries()
    for (let second = 0; second < 900; second += 1) {
      await waitOf(limits.admitPassword('ada'))
      clock.seconds += 1
    }
    const wait = await waitOf(limits.admitPassword('ada'))
    clock.seconds += wait
    expect(await waitOf(limits.admitPassword('ada'))).toBe(0)
    expect(wait).toBeLessThanOrEqual(900)
  })

  it('forgets the tries once one was right', async () => {
    await tenTries()
    expect(await waitOf(limits.admitPassword('ada'))).toBeGreaterThan(0)
    await limits.passwordWasRight('ada')
    await tenTries()
  })

  it('counts each account for itself', async () => {
    await tenTries()
    expect(await waitOf(limits.admitPassword('grace'))).toBe(0)
  })

  it('counts every try to change a password, for each account, for 15 minutes', async () => {
    expect(await waitOf(limits.admitPasswordChange('ada'))).toBe(0)
    expect(await waitOf(limits.admitPasswordChange('ada'))).toBe(0)
    await limits.passwordWasRight('ada')
    expect(await waitOf(limits.admitPasswordChange('ada'))).toBe(900)
    expect(await waitOf(limits.admitPasswordChange('grace'))).toBe(0)
    clock.seconds += 900
    expect(await waitOf(limits.admitPasswordChange('ada'))).toBe(0)
  })

  it('counts logins and registrations of one network together, for a minute', async () => {
    expect(await waitOf(limits.admitLogin('2001:db8::1'))).toBe(0)
    expect(await waitOf(limits.admitLogin('2001:db8::2'))).toBe(0)
    expect(await waitOf(limits.admitLogin('2001:db8::3'))).toBe(60)
    expect(await waitOf(limits.admitRegistration('2001:db8::3'))).toBe(0)
    expect(await waitOf(limits.admitRegistration('2001:db8::4'))).toBe(60)
    clock.seconds += 60
    expect(await waitOf(limits.admitLogin('2001:db8::3'))).toBe(0)
  })

  it('tells which limit was reached, in the error and in a metric, and counts failed sign-ins', async () => {
    const metrics = createMetrics('auth')
    const { rateLimit } = createClockedRateLimit()
    const rules = {
      loginsPerAddress: 1,
      registrationsPerAddress: 1,
      failuresPerAccount: 1,
      passwordChangesPerAccount: 1,
    }
    const told = createSignInLimits(rateLimit, rules, metrics)
    const admissions: [string, () => Promise<void>][] = [
      ['logins_per_address', () => told.admitLogin('192.0.2.1')],
      ['registrations_per_address', () => told.admitRegistration('192.0.2.1')],
      ['failures_per_account', () => told.admitPassword('ada')],
      ['password_changes_per_account', () => told.admitPasswordChange('ada')],
    ]
    for (const [limit, admit] of admissions) {
      await admit()
      await expect(admit()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', details: { limit, allowed: 1 } })
    }
    told.signInFailed('wrong_password')
    const text = await metrics.text()
    for (const [limit] of admissions)
      expect(text).toMatch(new RegExp(`^parley_limits_reached_total\\{.*limit="${limit}".*\\} 1$`, 'm'))
    expect(text).toMatch(/^parley_sign_in_failures_total\{.*reason="wrong_password".*\} 1$/m)
  })
})
