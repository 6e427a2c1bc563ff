import type { Answer } from '../../../platform/readiness/watch-dependencies.ts'
export interface Account {
  id: string
  username: string
  /** What the account is announced with; empty from then on, because the profile is where it can be changed and deleted. */
  displayName: string
  passwordHash: string
  /** 1, and one more with each change of the password. */
  passwordVersion: number
  createdAt: Date
}

/** One sign-in of a user on one device. */
export interface Session {
  id: string
  userId: string
  createdAt: Date
  lastSeenAt: Date
  userAgent: string | null
  ip: string | null
  revokedAt: Date | null
}

export interface RefreshToken {
  hash: string
  sessionId: string
  /** The account's when the session was opened, or since: with another password the token is good no more. */
  passwordVersion: number
  createdAt: Date
  /** When it was traded for its successor. */
  replacedAt: Date | null
}

/** The session that a registration opens. */
export interface FirstSession {
  session: Session
  refreshToken: RefreshToken
}

export interface StoredSigningKey {
  id: string
  /** A JWK as JSON. */
  publicKey: string
  sealedPrivateKey: string
  createdAt: Date
}

/** How many sessions `addSession` revokes at most. */
export const mostRevokedAtOnce = 500

/** All of a user's sessions, only one of them, or all except one. */
export type WhichSessions =
  | { userId: string; only?: undefined; except?: undefined }
  | { userId: string; only: string; except?: undefined }
  | { userId: string; only?: undefined; except: string }

/**
 * Accounts, sessions, refresh tokens and signing keys.
 *
 * - Each method is one atomic step and durable when it resolves; reads see every write that has resolved, by any process.
 * - A method that gives a boolean does its write only if its condition holds at that moment: of many concurrent callers that
 *   compete for one change, one gets true. Those without a condition are harmless when repeated.
 * - Ids are UUIDs in lower case, usernames are in lower case. Times are kept to the millisecond.
 * - Throws `UNAVAILABLE` when the storage cannot be reached.
 */
export interface AuthStore {
  /**
   * Adds an account that is yet to be announced, its first session, and that session's refresh token: all of them or none. Returns false,
   * changing nothing, when the username is taken.
   */
  addAccount(account: Account, first: FirstSession): Promise<boolean>
  accountById(id: string): Promise<Account | undefined>
  accountByUsername(username: string): Promise<Account | undefined>
  /** Sets the password's hash, and the version to the next, if the version is still this one. */
  changePassword(id: string, version: number, passwordHash: string): Promise<boolean>
  /** Replaces the hash of a password that stays the same, if it is still `from`. Sessions and the version stay as they are. */
  rehashPassword(id: string, from: string, to: string): Promise<void>
  /** At most `limit` accounts made before the moment that are yet to be announced, the oldest first. */
  unannouncedAccounts(before: Date, limit: number): Promise<Account[]>
  /** Forgets the display name, too. */
  markAnnounced(id: string): Promise<void>

  /**
   * Adds a session; one that is there already stays as it is. In the same step it revokes those of the user's other sessions that are more
   * than `most` together with it: the ones that were seen longest ago, at most 500 of them, as of the session's `createdAt`. Returns their ids.
   */
  addSession(session: Session, most: number): Promise<string[]>
  session(id: string): Promise<Session | undefined>
  /** At most `limit` of the user's sessions that are not revoked and were last seen at or after the moment, the newest first. */
  sessionsOf(userId: string, seenSince: Date, limit: number): Promise<Session[]>
  /** Notes who has just used the session, and when. */
  seeSession(id: string, by: Pick<Session, 'ip' | 'userAgent'>, at: Date): Promise<void>
  /** Revokes those that are not revoked yet, and were added before this call. */
  revokeSessions(which: WhichSessions, at: Date): Promise<void>
  /** The ids of the sessions revoked at or after the moment, of one user or of all, in any order. */
  revokedSessions(since: Date, userId?: string): Promise<string[]>

  /** Adds a token; one that is there already stays as it is. */
  addRefreshToken(token: RefreshToken): Promise<void>
  refreshToken(hash: string): Promise<RefreshToken | undefined>
  /** Those of these tokens that there are, in any order, all as they are at one moment. */
  refreshTokens(hashes: string[]): Promise<RefreshToken[]>
  /** Marks the token as traded if it is not yet. */
  replaceRefreshToken(hash: string, at: Date): Promise<boolean>
  /**
   * Removes tokens made before the moment, then sessions last seen before it or revoked before the other one; a failure can leave some for
   * the next time.
   */
  removeBefore(moment: Date, revokedBefore: Date): Promise<void>

  addSigningKey(key: StoredSigningKey): Promise<void>
  /** All of them, the oldest first; equal times by id. */
  signingKeys(): Promise<StoredSigningKey[]>
  removeSigningKeys(ids: string[]): Promise<void>

  /** The time by the storage's clock: the same for every process, whatever their own clocks say. */
  now(): Promise<Date>
  /** Whether the storage answers. Never throws. */
  ready(): Promise<Answer>
  close(): Promise<void>
}
