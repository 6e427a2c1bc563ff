import { tooManyRequests } from '../../platform/errors/app-error.ts'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'

/** Who asks: the user, or the address of whoever is not signed in. */
export interface RateCaller {
  userId?: string
  clientIp: string | undefined
}

/**
 * Counts calls in the minute of a user, so that neighbours behind one address don't lock each other out; or of an address (an IPv6
 * /64 as a whole) when nobody is signed in. Throws `TOO_MANY_REQUESTS` past the limit.
 */
export type AdmitOperation = (caller: RateCaller, calls?: number) => Promise<void>

export function createOperationRate(rateLimit: RateLimit, operationsPerMinute: number): AdmitOperation {
  return async ({ userId, clientIp }, calls = 1) => {
    const who = userId ? `user:${userId}` : `address:${addressGroup(clientIp ?? null)}`
    const wait = await rateLimit.take(`operations:${who}`, { limit: operationsPerMinute, seconds: 60 }, calls)
    if (wait > 0) throw tooManyRequests(wait)
  }
}
