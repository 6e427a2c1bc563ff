import { tooManyRequests } from '../../../platform/errors/app-error.ts'
import { addressGroup } from '../../../platform/http/address-group.ts'
import type { RateLimit, RateRule } from '../../../platform/limits/rate-limit.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'

/** How often sign-in may be tried. */
export interface SignInRules {
  /** A minute, from one address. */
  loginsPerAddress: number
  /** A minute, from one address. */
  registrationsPerAddress: number
  /** In 15 minutes, for one account, before every further try has to wait. */
  failuresPerAccount: number
  /** In 15 minutes, for one account, whether or not the current password is right. */
  passwordChangesPerAccount: number
}

/** Who may try a password now. The `admit…` functions count a try and throw `TOO_MANY_REQUESTS` with the seconds to wait. */
export interface SignInLimits {
  admitRegistration(ip: string | null): Promise<void>
  admitLogin(ip: string | null): Promise<void>
  /** Counts a try at an account's password, whether or not there is such an account. */
  admitPassword(username: string): Promise<void>
  /** Counts a try to change the password of one's own account: each one costs hashes, also when it succeeds. */
  admitPasswordChange(userId: string): Promise<void>
  /** Counts a trade of a refresh token: each one leaves a row, so that a session may not be refreshed without end. */
  admitRefresh(sessionId: string): Promise<void>
  /** Forgets the tries at an account's password: the last one was right. */
  passwordWasRight(username: string): Promise<void>
  /** Notes a sign-in that failed. */
  signInFailed(reason: 'unknown_user' | 'wrong_password'): void
}

/** What an error and a metric call each limit: the settings' names, where there is a setting. */
type SignInLimit =
  | 'logins_per_address'
  | 'registrations_per_address'
  | 'failures_per_account'
  | 'password_changes_per_account'
  | 'refreshes_per_session'

const window = 900
const refreshes: RateRule = { limit: 900, seconds: window }

/**
 * What the tries after the free ones have to pass, all of it: they have to be 5, 15, 40, 180 and 660 seconds apart. The longest
 * window is as long as that of the free tries, so that nobody is locked out for good.
 */
const slowingDown: RateRule[] = [
  { limit: 1, seconds: 5 },
  { limit: 2, seconds: 20 },
  { limit: 3, seconds: 60 },
  { limit: 4, seconds: 240 },
  { limit: 5, seconds: window },
]

export function createSignInLimits(rateLimit: RateLimit, rules: SignInRules, metrics?: Metrics): SignInLimits {
  const reached = metrics?.counter('parley_limits_reached_total', 'Times that a client was turned away, by bound', [
    'limit',
  ])
  const failures = metrics?.counter('parley_sign_in_failures_total', 'Sign-ins with a wrong name or password', [
    'reason',
  ])
  // The last of the allowed failures opens the windows that hold up the next try.
  const freeTries = { limit: rules.failuresPerAccount - 1, seconds: window }
  const freeKey = (username: string) => `password:${username}`
  const slowKey = (username: string, { seconds }: RateRule) => `password:${username}:${seconds}`
  const admit = async (limit: SignInLimit, key: string, rule: RateRule, allowed = rule.limit) => {
    const wait = await rateLimit.take(key, rule)
    if (wait <= 0) return
    reached?.add({ limit })
    throw tooManyRequests(wait, { limit, allowed })
  }
  return {
    admitRegistration: (ip) =>
      admit('registrations_per_address', `register:${addressGroup(ip)}`, {
        limit: rules.registrationsPerAddress,
        seconds: 60,
      }),
    admitLogin: (ip) =>
      admit('logins_per_address', `login:${addressGroup(ip)}`, { limit: rules.loginsPerAddress, seconds: 60 }),
    admitRefresh: (sessionId) => admit('refreshes_per_session', `refresh:${sessionId}`, refreshes),
    admitPasswordChange: (userId) =>
      admit('password_changes_per_account', `password-change:${userId}`, {
        limit: rules.passwordChangesPerAccount,
        seconds: window,
      }),
    async admitPassword(username) {
      if ((await rateLimit.take(freeKey(username), freeTries)) === 0) return
      // The shortest first: a try that it refuses uses up nothing of the others.
      for (const rule of slowingDown)
        await admit('failures_per_account', slowKey(username, rule), rule, rules.failuresPerAccount)
    },
    async passwordWasRight(username) {
      const keys = [freeKey(username), ...slowingDown.map((rule) => slowKey(username, rule))]
      await Promise.all(keys.map((key) => rateLimit.reset(key)))
    },
    signInFailed: (reason) => failures?.add({ reason }),
  }
}
