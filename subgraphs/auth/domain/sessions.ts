import { v7 as uuidv7 } from 'uuid'
import { notFound, unauthenticated } from '../../../platform/errors/app-error.ts'
import { acceptedAfterEnd } from '../../../platform/identity/access-token.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Account, RefreshToken, Session, WhichSessions } from '../store/auth-store.ts'
import { type Auth, type Client, type SignedIn, secondsBefore } from './auth.ts'
import { hashRefreshToken } from './tokens.ts'

/** How many living sessions an account may have: when one more opens, the one that was used longest ago ends. */
const mostSessions = 100

/** A session that begins now and is not stored yet. */
export function newSession(auth: Auth, userId: string, client: Client): Session {
  const at = auth.now()
  return { ...client, id: uuidv7(), userId, createdAt: at, lastSeenAt: at, revokedAt: null }
}

/** Opens a session for an account whose password was right. Throws `UNAUTHENTICATED` when it has been changed since. */
export async function openSession(auth: Auth, account: Account, client: Client): Promise<SignedIn> {
  const session = newSession(auth, account.id, client)
  await storeSession(auth, session)
  const opened = await issueTokens(auth, session, account.passwordVersion)
  // Whoever changes the password ends the sessions after that: either it has seen this one, or this sees the change.
  const now = await auth.store.accountById(account.id)
  if (now?.passwordVersion !== account.passwordVersion) {
    await endSessions(auth, { userId: account.id, only: session.id })
    throw unauthenticated('The password has just been changed: sign in again.')
  }
  return opened
}

/** Stores a session and ends those that the account has too many with it. */
async function storeSession(auth: Auth, session: Session): Promise<void> {
  const ended = await auth.store.addSession(session, mostSessions)
  // Nobody is kept from signing in by a blacklist that is away: what could not be added is added once it is back.
  if (ended.length > 0) await auth.revocations.revoke(ended).catch(() => {})
}

/** A refresh token of the session, as its client gets it and as it is to be stored. It is good until the password changes from this version. */
export function newRefreshToken(auth: Auth, session: Session, passwordVersion: number) {
  const refreshToken = auth.tokens.newRefreshToken()
  const stored: RefreshToken = {
    hash: hashRefreshToken(refreshToken) as string,
    sessionId: session.id,
    passwordVersion,
    createdAt: auth.now(),
    replacedAt: null,
  }
  return { refreshToken, stored }
}

/** A new pair of tokens for the session. The refresh token is good until the password changes from this version. */
export async function issueTokens(auth: Auth, session: Session, passwordVersion: number): Promise<SignedIn> {
  const { refreshToken, stored } = newRefreshToken(auth, session, passwordVersion)
  await auth.store.addRefreshToken(stored)
  return { ...auth.tokens.accessToken(session.userId, session.id), refreshToken, session }
}

/** The viewer's sessions that can still be refreshed, the newest first. */
export async function listSessions(auth: Auth, viewer: Viewer): Promise<Session[]> {
  return auth.store.sessionsOf(
    signedIn(viewer).userId,
    secondsBefore(auth.now(), auth.refreshTokenLifetime),
    mostSessions,
  )
}

/** Ends the viewer's session, or all of the viewer's sessions. */
export async function logout(auth: Auth, viewer: Viewer, everywhere: boolean): Promise<void> {
  const { userId, sessionId } = signedIn(viewer)
  await knowSessionOf(auth, viewer)
  await endSessions(auth, everywhere ? { userId } : { userId, only: sessionId })
}

/**
 * Ends one of the viewer's sessions; again is harmless, since the first time may not have reached everybody. Throws `NOT_FOUND` when the
 * id is unknown, or of somebody else.
 */
export async function revokeSession(auth: Auth, viewer: Viewer, id: string): Promise<void> {
  const { userId, sessionId } = signedIn(viewer)
  if (id === sessionId) await knowSessionOf(auth, viewer)
  const session = await auth.store.session(id)
  if (!session || session.userId !== userId) throw notFound('The session')
  await endSessions(auth, { userId, only: id })
}

/**
 * Adds the viewer's session if the store does not know it: it was opened after the backup that the store was restored from. Its access
 * token is still accepted, so it must be possible to revoke it.
 */
async function knowSessionOf(auth: Auth, viewer: Viewer): Promise<void> {
  const { userId, sessionId } = signedIn(viewer)
  if (await auth.store.session(sessionId)) return
  await storeSession(auth, { ...newSession(auth, userId, { ip: null, userAgent: null }), id: sessionId })
}

/** Ends sessions in the store, then for every process that still accepts their access tokens. */
export async function endSessions(auth: Auth, which: WhichSessions): Promise<void> {
  await auth.store.revokeSessions(which, auth.now())
  const ids = await rememberedRevocations(auth, which.userId)
  if (ids.length > 0) await auth.revocations.revoke(ids)
}

/** The sessions that were revoked while their access tokens can still be alive, of one user or of all, as the store has them. */
export const rememberedRevocations = (
  { store, now, accessTokenLifetime }: Pick<Auth, 'store' | 'now' | 'accessTokenLifetime'>,
  userId?: string,
) => store.revokedSessions(secondsBefore(now(), accessTokenLifetime + acceptedAfterEnd), userId)
