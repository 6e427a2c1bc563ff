import { createHash, createHmac, randomBytes } from 'node:crypto'

/** Makes the tokens of a session. */
export interface Tokens {
  /** Signs an access token; `expiresAt` is when it ends. */
  accessToken(userId: string, sessionId: string): { accessToken: string; accessTokenExpiresAt: Date }
  /** 256 random bits as text. */
  newRefreshToken(): string
  /** The one token that a refresh token is traded for: the same parent always has the same successor. */
  successorOf(refreshToken: string): string
}

/** `key`: what successors derive from; whoever has it and a token can tell every token that follows. */
export function createRefreshTokens(key: Buffer): Pick<Tokens, 'newRefreshToken' | 'successorOf'> {
  return {
    newRefreshToken: () => randomBytes(32).toString('base64url'),
    successorOf: (refreshToken) => createHmac('sha256', key).update(refreshToken).digest('base64url'),
  }
}

/** What is stored of a refresh token. It is random, so a fast hash is the right one; undefined for text that cannot be a token. */
export function hashRefreshToken(refreshToken: string): string | undefined {
  if (!/^[\w-]{43}$/.test(refreshToken)) return undefined
  return createHash('sha256').update(refreshToken).digest('base64url')
}
