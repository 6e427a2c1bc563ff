import { tooManyRequests } from '../../platform/errors/app-error.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'

/** Counts an operation of this address, over HTTP or WebSocket. Throws `TOO_MANY_REQUESTS` past the limit of a minute. */
export type AdmitOperation = (clientIp: string | undefined) => Promise<void>

export function createOperationRate(rateLimit: RateLimit, operationsPerMinute: number): AdmitOperation {
  return async (clientIp) => {
    const wait = await rateLimit.take(`operations:${clientIp}`, { limit: operationsPerMinute, seconds: 60 })
    if (wait > 0) throw tooManyRequests(wait)
  }
}
