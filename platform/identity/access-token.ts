import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { unauthenticated } from '../errors/app-error.ts'
import { verifyJwt } from './jwt.ts'
import type { SignedInUser } from './viewer.ts'

/** How late a token may still be accepted, for clocks that differ, in seconds. */
export const expiryTolerance = 5

/** Finds the public key of a key id; undefined when there is none. */
export type PublicKeys = (keyId: string) => Promise<KeyObject | undefined>

export interface AccessTokenRules {
  issuer: string
  audience: string
}

export interface SigningKey {
  keyId: string
  privateKey: KeyObject
}

/** Signs an access token (RFC 9068: ES256, `typ: at+jwt`). `lifetime` is in seconds. */
export function signAccessToken(
  { keyId, privateKey }: SigningKey,
  { issuer, audience }: AccessTokenRules,
  { userId, sessionId, tokenId, lifetime }: { userId: string; sessionId: string; tokenId: string; lifetime: number },
): string {
  return jwt.sign({ sid: sessionId }, privateKey, {
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: 'at+jwt', kid: keyId },
    issuer,
    audience,
    subject: userId,
    jwtid: tokenId,
    expiresIn: lifetime,
  })
}

/** Makes the check of access tokens against the issuer's keys. It throws `UNAUTHENTICATED`, never saying which claim was wrong. */
export function createAccessTokenVerifier(rules: AccessTokenRules, keys: PublicKeys) {
  if (!rules.issuer || !rules.audience) throw new Error('An access token verifier needs an issuer and an audience')
  return async (token: string): Promise<SignedInUser> => {
    const keyId = keyIdOf(token)
    const key = keyId === undefined ? undefined : await keys(keyId)
    const claims =
      key && verifyJwt(token, key, { ...rules, algorithm: 'ES256', type: 'at+jwt', tolerance: expiryTolerance })
    if (!claims || !isName(claims.sub) || !isName(claims.sid) || !isName(claims.jti)) {
      throw unauthenticated('The access token is not valid.')
    }
    return { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp }
  }
}

const isName = (claim: unknown): claim is string => typeof claim === 'string' && claim !== ''

/** The id of the key that the token names, when it is one; jsonwebtoken throws at some tokens that are none. */
function keyIdOf(token: string): string | undefined {
  try {
    const keyId: unknown = jwt.decode(token, { complete: true })?.header.kid
    return typeof keyId === 'string' && /^[\w-]{1,64}$/.test(keyId) ? keyId : undefined
  } catch {
    return undefined
  }
}
