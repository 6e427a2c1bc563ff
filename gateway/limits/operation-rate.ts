import { tooManyRequests } from '../../platform/errors/app-error.ts'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'
import type { CountLimit } from './limit-count.ts'

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

export interface OperationRateOptions {
  rateLimit: RateLimit
  operationsPerMinute: number
  countLimit: CountLimit
}

export function createOperationRate(options: OperationRateOptions): AdmitOperation {
  const { rateLimit, operationsPerMinute, countLimit } = options
  return async ({ userId, clientIp }, calls = 1) => {
    const who = userId ? `user:${userId}` : `address:${addressGroup(clientIp ?? null)}`
    const wait = await rateLimit.take(`operations:${who}`, { limit: operationsPerMinute, seconds: 60 }, calls)
    if (wait <= 0) return
    countLimit('operations_per_minute')
    throw tooManyRequests(wait)
  }
}
