import { createPublicKey } from 'node:crypto'
import jwksRsa from 'jwks-rsa'
import { unavailable } from '../errors/app-error.ts'
import type { PublicKeys } from './access-token.ts'

/** The public keys that an issuer publishes at `url`, kept for ten minutes; unknown ids ask again, at most ten times a minute. */
export function keysFromJwks(url: string): PublicKeys {
  const client = jwksRsa({
    jwksUri: url,
    cache: true,
    cacheMaxAge: 600_000,
    rateLimit: true,
    jwksRequestsPerMinute: 10,
    timeout: 2_000,
  })
  return async (keyId) => {
    try {
      return createPublicKey((await client.getSigningKey(keyId)).getPublicKey())
    } catch (error) {
      if (error instanceof jwksRsa.SigningKeyNotFoundError || error instanceof jwksRsa.JwksRateLimitError)
        return undefined
      throw unavailable('The keys that verify sign-ins cannot be reached.')
    }
  }
}
