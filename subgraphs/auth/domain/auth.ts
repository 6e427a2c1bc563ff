import type { Revocations } from '../../../platform/identity/revocations.ts'
import type { Account, AuthStore, Session } from '../store/auth-store.ts'
import type { PasswordHasher } from './password-hashing.ts'
import type { SignInLimits } from './sign-in-limits.ts'
import type { Tokens } from './tokens.ts'

/** What the rules of this subgraph work with. Lifetimes are in seconds. */
export interface Auth {
  store: AuthStore
  revocations: Pick<Revocations, 'revoke'>
  passwords: PasswordHasher
  limits: SignInLimits
  tokens: Tokens
  /** Tells the other subgraphs of a new account. Never throws: what fails is finished later. */
  announce(account: Account): Promise<void>
  accessTokenLifetime: number
  refreshTokenLifetime: number
  refreshGrace: number
  now(): Date
}

/** The device that asks. */
export interface Client {
  ip: string | null
  userAgent: string | null
}

/** A session that was opened or renewed, and the pair of tokens for it. */
export interface SignedIn {
  accessToken: string
  accessTokenExpiresAt: Date
  refreshToken: string
  session: Session
}

/** The moment that lies this many seconds before another. */
export const secondsBefore = (moment: Date, seconds: number) => new Date(moment.getTime() - seconds * 1000)
