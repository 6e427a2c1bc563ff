import { tooManyRequests } from '../../platform/errors/app-error.ts'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'

/** Counts an operation, or a new socket, of this address (of an IPv6 /64 as a whole). Throws `TOO_MANY_REQUESTS` past the limit of a minute. */
export type AdmitOperation = (clientIp: string | undefined) => Promise<void>

export function createOperationRate(rateLimit: RateLimit, operationsPerMinute: number): AdmitOperation {
  return async (clientIp) => {
    const wait = await rateLimit.take(`operations:${addressGroup(clientIp ?? null)}`, {
      limit: operationsPerMinute,
      seconds: 60,
    })
    if (wait > 0) throw tooManyRequests(wait)
  }
}
