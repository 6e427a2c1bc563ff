import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'

export interface JwtRules {
  algorithm: 'ES256' | 'HS256'
  /** The only accepted `typ`. */
  type: string
  issuer: string
  audience: string
  /** Seconds that `exp` and `iat` may be off. */
  tolerance: number
}

export type Claims = jwt.JwtPayload & { exp: number; iat: number }

/**
 * The claims of a token that keeps every rule; undefined otherwise. jsonwebtoken alone accepts a token without `exp`, skips an
 * empty issuer, and ignores `typ` and `crit`: all of that is refused here.
 */
export function verifyJwt(token: string, key: KeyObject, rules: JwtRules): Claims | undefined {
  let payload: jwt.JwtPayload | string
  let header: jwt.JwtHeader
  try {
    ;({ payload, header } = jwt.verify(token, key, {
      algorithms: [rules.algorithm],
      issuer: rules.issuer,
      audience: rules.audience,
      clockTolerance: rules.tolerance,
      complete: true,
    }))
  } catch {
    return undefined
  }
  if (header.typ !== rules.type || 'crit' in header || typeof payload === 'string') return undefined
  const { exp, iat, iss, aud } = payload
  if (typeof exp !== 'number' || typeof iat !== 'number' || iss !== rules.issuer || aud !== rules.audience)
    return undefined
  if (iat > Date.now() / 1000 + rules.tolerance) return undefined
  return payload as Claims
}
