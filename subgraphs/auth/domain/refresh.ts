import { unauthenticated } from '../../../platform/errors/app-error.ts'
import type { RefreshToken, Session } from '../store/auth-store.ts'
import { type Auth, type Client, type SignedIn, secondsBefore } from './auth.ts'
import { endSessions } from './sessions.ts'
import { hashRefreshToken } from './tokens.ts'

/**
 * Trades a refresh token for a new pair. However often and however parallel a token is used, it has one successor. It is given
 * again only within the grace and only until somebody uses it; a later use means that two hold the token, and ends the session
 * (RFC 9700, 4.14.2). Throws `UNAUTHENTICATED`.
 */
export async function refresh(auth: Auth, client: Client, refreshToken: string): Promise<SignedIn> {
  const { store } = auth
  const at = auth.now()
  const hash = hashRefreshToken(refreshToken)
  const parent = hash === undefined ? undefined : await store.refreshToken(hash)
  const session = parent && (await liveSession(auth, parent))
  if (!session || parent.createdAt < secondsBefore(at, auth.refreshTokenLifetime)) throw refused()

  const successor = auth.tokens.successorOf(refreshToken)
  const child: RefreshToken = {
    ...parent,
    hash: hashRefreshToken(successor) as string,
    createdAt: at,
    replacedAt: null,
  }
  // The successor first: a crash in between leaves a parent that still trades for it.
  if (!parent.replacedAt) await store.addRefreshToken(child)
  const traded = !parent.replacedAt && (await store.replaceRefreshToken(parent.hash, at))
  if (traded) await store.seeSession(session.id, client, at)
  else if (!(await mayRepeat(auth, parent.hash, child.hash, at))) {
    await endSessions(auth, { userId: session.userId, only: session.id })
    throw refused()
  }

  const tokens = auth.tokens.accessToken(session.userId, session.id)
  // After the signing: a session that ends from here on is on the blacklist for as long as this token.
  const renewed = await liveSession(auth, parent)
  if (!renewed) throw refused()
  return { ...tokens, refreshToken: successor, session: renewed }
}

/** The token's session, unless it has ended or the password has changed since. */
async function liveSession({ store }: Auth, token: RefreshToken): Promise<Session | undefined> {
  const session = await store.session(token.sessionId)
  if (!session || session.revokedAt) return undefined
  const account = await store.accountById(session.userId)
  return account?.passwordVersion === token.passwordVersion ? session : undefined
}

/** Whether a token that was traded before may give its successor once more. */
async function mayRepeat({ store, refreshGrace }: Auth, parentHash: string, childHash: string, at: Date) {
  const [parent, child] = await Promise.all([store.refreshToken(parentHash), store.refreshToken(childHash)])
  if (!parent?.replacedAt || !child || child.replacedAt) return false
  return parent.replacedAt >= secondsBefore(at, refreshGrace)
}

const refused = () => unauthenticated('The refresh token is not valid: sign in again.')
