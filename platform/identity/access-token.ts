import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { unauthenticated } from '../errors/app-error.ts'
import { checkJwt, type JwtRefusal } from './jwt.ts'
import { toleratedSkew } from './passport.ts'
import { createVerifiedTokens } from './verified-tokens.ts'
import type { SignedInUser } from './viewer.ts'

/** How long after its end a token may still be accepted, in seconds, by the clock of whoever issued it. */
export const expiryTolerance = 5

/**
 * How long an access token may live, in seconds: the highest `ACCESS_TOKEN_LIFETIME`. One that claims more counts for this long, whoever
 * signed it.
 */
export const longestTokenLifetime = 86_400

/**
 * How long after its end a token may be accepted somewhere, in seconds, while clocks are as far apart as they may be: those of the
 * issuer's replicas, and a verifier's from theirs. Keys and revocations are kept that much longer than tokens live.
 */
export const acceptedAfterEnd = expiryTolerance + 2 * toleratedSkew + 5

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

export interface VerifierOptions {
  /** By how many seconds the issuer's clock is known to be ahead of this process's clock; negative when it is behind. */
  issuerAhead?(): number
  /** Is told why a token was refused that the issuer signed, or undefined when one was accepted. */
  onChecked?(refusal: JwtRefusal | undefined): void
}

/**
 * Makes the check of access tokens against the issuer's keys. It throws `UNAUTHENTICATED`, never saying which claim was wrong. A token
 * ends by the clock that it was made with, as far as that is known; it may have been issued up to 30 seconds in the future.
 */
export function createAccessTokenVerifier(rules: AccessTokenRules, keys: PublicKeys, options: VerifierOptions = {}) {
  if (!rules.issuer || !rules.audience) throw new Error('An access token verifier needs an issuer and an audience')
  const { issuerAhead = () => 0, onChecked = () => {} } = options
  const verified = createVerifiedTokens()
  return async (token: string): Promise<SignedInUser> => {
    const keyId = keyIdOf(token)
    const key = keyId === undefined ? undefined : await keys(keyId)
    if (keyId === undefined || !key) throw invalid()
    const ahead = issuerAhead()
    const limits = { early: toleratedSkew, late: expiryTolerance, longest: longestTokenLifetime, ahead }
    const kind = { algorithm: 'ES256', type: 'at+jwt' } as const
    const { claims, refusal } = checkJwt(token, key, { ...rules, ...limits, ...kind, verified })
    if (claims) onChecked(refusal)
    if (!claims || refusal || !isName(claims.sub) || !isName(claims.sid) || !isName(claims.jti)) throw invalid()
    const end = Math.min(claims.exp, claims.iat + longestTokenLifetime)
    return { userId: claims.sub, sessionId: claims.sid, keyId, expiresAt: end - ahead }
  }
}

const invalid = () => unauthenticated('The access token is not valid.')
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
