import { createPublicKey, type KeyObject } from 'node:crypto'
import jwksRsa from 'jwks-rsa'
import { unavailable } from '../errors/app-error.ts'
import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import type { PublicKeys } from './access-token.ts'

/** How old the keys may be, in milliseconds: those that the issuer withdrew are no longer accepted soon after. */
const keptFor = 60_000
/** A reload that failed is tried again after this many milliseconds. */
const retryAfter = 5_000
const pauseBetweenLoads = 1_000
/** How long one replica may take, in milliseconds, with and without a sign of life. */
const [loadTimeout, silenceTimeout] = [3_000, 2_000]

/** The keys of an issuer, as a process knows them. */
export interface IssuerKeys {
  find: PublicKeys
  /** Whether any key is known. Asks the issuer while none is, and rejects when nobody answers. */
  areKnown(): Promise<boolean>
  /** The same at once, without asking. */
  hasAny(): boolean
}

/**
 * The public keys that an issuer publishes at each of `urls` (its replicas), renewed every minute of use. So a key that the
 * issuer withdrew verifies nothing after two minutes, unless nobody gives the keys. An unknown id asks
 * again, at most once a second and then for all of the keys: whoever makes up ids cannot use up the asking for a key that is new.
 * That nobody gives the keys is logged once, until somebody does.
 */
export function keysFromJwks(urls: string[], logger?: Logger): IssuerKeys {
  let clients = urls.map((url) => jwksRsa({ jwksUri: url, timeout: silenceTimeout }))
  const ask = async () => {
    let failure: unknown
    for (const client of clients) {
      try {
        // The client's own limit is on silence: one that answers bit by bit could take for ever.
        const published = await within(loadTimeout, client.getSigningKeys(), 'The keys did not come in time')
        // The one that answers is asked first from now on: another may be frozen.
        clients = [client, ...clients.filter((each) => each !== client)]
        return published
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
  let keys = new Map<string, KeyObject>()
  let loadedAt = Number.NEGATIVE_INFINITY
  let failedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined
  let isFailing = false
  const tell = (failure?: unknown) => {
    if (failure && !isFailing) logger?.error({ err: failure, urls }, 'nobody gives the keys that verify access tokens')
    if (!failure && isFailing) logger?.info('the keys that verify access tokens are there again')
    isFailing = failure !== undefined
  }
  const load = async () => {
    const published = await ask()
    keys = new Map(published.map((key) => [key.kid, createPublicKey(key.getPublicKey())]))
    loadedAt = performance.now()
  }
  const loadOnce = () => {
    loading ??= load()
      .then(
        () => tell(),
        (error) => {
          failedAt = performance.now()
          tell(error)
          throw error
        },
      )
      .finally(() => {
        loading = undefined
      })
    return loading
  }
  const renew = async (age: number) => {
    if (age <= keptFor || performance.now() - failedAt < retryAfter) return
    // An issuer that is away must not sign anybody out.
    const renewed = loadOnce().catch(() => {})
    if (age > 2 * keptFor && !isFailing) await renewed
  }
  const find: PublicKeys = async (keyId) => {
    const age = performance.now() - loadedAt
    if (keys.has(keyId)) {
      await renew(age)
      return keys.get(keyId)
    }
    try {
      if (age > pauseBetweenLoads) await loadOnce()
    } catch {
      throw unavailable('The keys that verify sign-ins cannot be reached.')
    }
    return keys.get(keyId)
  }
  return {
    find,
    hasAny: () => keys.size > 0,
    async areKnown() {
      if (keys.size === 0) await loadOnce()
      return keys.size > 0
    },
  }
}
