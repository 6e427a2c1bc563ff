import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { VerifiedTokens } from './verified-tokens.ts'

export interface JwtRules {
  algorithm: 'ES256' | 'HS256'
  /** The only accepted `typ`. */
  type: string
  issuer: string
  audience: string
  /** How far in the future `iat` may be, in seconds. */
  early: number
  /** How long ago `exp` may be, in seconds. */
  late: number
  /** The seconds from `iat` to `exp` at most; a longer life counts as this. */
  longest?: number
  /** The tokens whose signature needs no further check. */
  verified?: VerifiedTokens
  /** By how much the clock that the token was made with is known to be ahead of this process's clock, in seconds. */
  ahead?: number
}

export type Claims = jwt.JwtPayload & { exp: number; iat: number }

/** Why a token is refused: it is none of this kind; it was signed by somebody else; it was made for others; it is not of this time. */
export type JwtRefusal = 'malformed' | 'signature' | 'issuer' | 'audience' | 'early' | 'expired'

/** `claims` are there when the signature is right and the token has both times, also of a token that is refused. */
export interface JwtCheck {
  refusal?: JwtRefusal
  claims?: Claims
}

/**
 * Holds a token against every rule. jsonwebtoken alone accepts a token without `exp`, skips an empty issuer, and ignores `typ` and
 * `crit`: all of that is refused here.
 */
export function checkJwt(token: string, key: KeyObject, rules: JwtRules): JwtCheck {
  const decoded = decode(token)
  if (!decoded) return { refusal: 'malformed' }
  const { header, payload } = decoded
  if (header.alg !== rules.algorithm || header.typ !== rules.type || 'crit' in header) return { refusal: 'malformed' }
  if (!isSigned(token, key, rules)) return { refusal: 'signature' }
  const { exp, iat, iss, aud } = payload
  if (typeof exp !== 'number' || typeof iat !== 'number') return { refusal: 'malformed' }
  return { claims: payload as Claims, refusal: refusalOf({ exp, iat, iss, aud }, rules) }
}

function isSigned(token: string, key: KeyObject, { algorithm, verified }: JwtRules): boolean {
  if (verified?.has(token, key)) return true
  try {
    // The times are held against the rules later, with two tolerances.
    jwt.verify(token, key, { algorithms: [algorithm], ignoreExpiration: true })
  } catch {
    return false
  }
  verified?.add(token, key)
  return true
}

function refusalOf(
  { exp, iat, iss, aud }: { exp: number; iat: number; iss: unknown; aud: unknown },
  { issuer, audience, early, late, longest = Number.POSITIVE_INFINITY, ahead = 0 }: JwtRules,
): JwtRefusal | undefined {
  const now = Date.now() / 1000
  if (issuer === '' || iss !== issuer) return 'issuer'
  if (audience === '' || aud !== audience) return 'audience'
  if (iat > Math.max(now, now + ahead) + early) return 'early'
  if (now + ahead >= Math.min(exp, iat + longest) + late) return 'expired'
  return undefined
}

function decode(token: string): { header: jwt.JwtHeader; payload: jwt.JwtPayload } | undefined {
  try {
    const decoded = jwt.decode(token, { complete: true })
    if (!decoded || typeof decoded.payload !== 'object' || decoded.payload === null) return undefined
    return { header: decoded.header, payload: decoded.payload }
  } catch {
    return undefined
  }
}
