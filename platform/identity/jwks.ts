import { createPublicKey, type KeyObject } from 'node:crypto'
import jwksRsa from 'jwks-rsa'
import { unavailable } from '../errors/app-error.ts'
import type { PublicKeys } from './access-token.ts'

const keptFor = 600_000
const pauseBetweenLoads = 1_000

/**
 * The public keys that an issuer publishes at `url`, renewed every ten minutes of use. An unknown id asks again, at most once a second and then
 * for all of the keys: whoever makes up ids cannot use up the asking for a key that is new.
 */
export function keysFromJwks(url: string): PublicKeys {
  const client = jwksRsa({ jwksUri: url, timeout: 2_000 })
  let keys = new Map<string, KeyObject>()
  let loadedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined
  const load = async () => {
    const published = await client.getSigningKeys()
    keys = new Map(published.map((key) => [key.kid, createPublicKey(key.getPublicKey())]))
    loadedAt = performance.now()
  }
  const loadOnce = () => {
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }
  return async (keyId) => {
    const age = performance.now() - loadedAt
    const known = keys.get(keyId)
    if (known) {
      // An issuer that is away must not sign anybody out.
      if (age > keptFor) void loadOnce().catch(() => {})
      return known
    }
    try {
      if (age > pauseBetweenLoads) await loadOnce()
    } catch {
      throw unavailable('The keys that verify sign-ins cannot be reached.')
    }
    return keys.get(keyId)
  }
}
