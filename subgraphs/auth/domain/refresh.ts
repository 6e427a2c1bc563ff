import { unauthenticated } from '../../../platform/errors/app-error.ts'
import type { RefreshToken, Session } from '../store/auth-store.ts'
import { type Auth, type Client, type SignedIn, secondsBefore } from './auth.ts'
import { endSessions } from './sessions.ts'
import { hashRefreshToken } from './tokens.ts'

/**
 * Trades a refresh token for a new pair. A token has one successor, however often and however parallel it is used, so the tokens of a
 * session form one chain with one living token at its end. Whoever presents a token that was traded within the grace, wherever it stands
 * in the chain, gets the living one: an answer that was lost, or another tab. A token that was traded earlier is held by two, and ends
 * the session (RFC 9700, 4.14.2). Throws `UNAUTHENTICATED`, or `TOO_MANY_REQUESTS` for a session that is refreshed all the time.
 */
export async function refresh(auth: Auth, client: Client, refreshToken: string): Promise<SignedIn> {
  const { store } = auth
  const hash = hashRefreshToken(refreshToken)
  // The store's clock, because another process may have traded the token: by its own clock that was perhaps half a minute ago.
  const [at, presented] = await Promise.all([store.now(), hash === undefined ? undefined : store.refreshToken(hash)])
  const session = presented && (await liveSession(auth, presented))
  if (!session || presented.createdAt < secondsBefore(at, auth.refreshTokenLifetime)) throw refused()

  const { replacedAt } = presented
  if (!replacedAt) await trade(auth, client, presented, refreshToken, at)
  const isInGrace = !replacedAt || replacedAt >= secondsBefore(at, auth.refreshGrace)
  const living = isInGrace ? await livingDescendant(auth, refreshToken) : undefined
  if (living === undefined) {
    await endSessions(auth, { userId: session.userId, only: session.id })
    throw refused()
  }

  const tokens = auth.tokens.accessToken(session.userId, session.id)
  // After the signing: a session that ends from here on is on the blacklist for as long as this token.
  const renewed = await liveSession(auth, presented)
  if (!renewed) throw refused()
  return { ...tokens, refreshToken: living, session: renewed }
}

/** Replaces a living token by its successor. Harmless when somebody else has just done so. */
async function trade(auth: Auth, client: Client, token: RefreshToken, refreshToken: string, at: Date): Promise<void> {
  const { store, limits, tokens } = auth
  await limits.admitRefresh(token.sessionId)
  const hash = hashRefreshToken(tokens.successorOf(refreshToken)) as string
  // The successor first: a crash in between leaves a parent that still trades for it.
  await store.addRefreshToken({ ...token, hash, createdAt: at, replacedAt: null })
  if (await store.replaceRefreshToken(token.hash, at)) await store.seeSession(token.sessionId, client, at)
}

/** How many tokens of a chain one read asks for, and how many it may have within the grace: more than `admitRefresh` lets come up. */
const chainPage = 64
const longestChain = 2_048

/** The token at the end of the chain that begins with this one, which has been traded. Undefined when the chain is broken. */
async function livingDescendant({ store, tokens }: Auth, traded: string): Promise<string | undefined> {
  let last = traded
  for (let walked = 0; walked < longestChain; walked += chainPage) {
    const chain = Array.from({ length: chainPage }, () => {
      last = tokens.successorOf(last)
      return { token: last, hash: hashRefreshToken(last) as string }
    })
    const rows = await store.refreshTokens(chain.map(({ hash }) => hash))
    const stored = new Map(rows.map((row) => [row.hash, row]))
    const end = chain.find(({ hash }) => !stored.get(hash)?.replacedAt)
    if (end) return stored.has(end.hash) ? end.token : undefined
  }
  return undefined
}

/** The token's session, unless it has ended or the password has changed since. */
async function liveSession({ store }: Auth, token: RefreshToken): Promise<Session | undefined> {
  const session = await store.session(token.sessionId)
  if (!session || session.revokedAt) return undefined
  const account = await store.accountById(session.userId)
  return account?.passwordVersion === token.passwordVersion ? session : undefined
}

const refused = () => unauthenticated('The refresh token is not valid: sign in again.')
