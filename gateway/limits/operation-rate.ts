import { LRUCache } from 'lru-cache'
import { AppError } from '../../platform/errors/app-error.ts'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'
import type { PointsPerMinute } from '../config.ts'
import { basePoints } from './cost/measure-operation.ts'
import type { CountLimit } from './limit-count.ts'

/** Who asks: the user, or the address of whoever is not signed in. */
export interface RateCaller {
  userId?: string
  clientIp: string | undefined
}

/** Takes the points of operations from the budgets of who asks, before their work is done. */
export interface OperationRate {
  /** Takes the points. Throws `TOO_MANY_REQUESTS` when a budget of the caller has not that many left in this minute. */
  take(caller: RateCaller, points?: number): Promise<void>
  /** Throws `TOO_MANY_REQUESTS` for a caller who is known to have nothing left: such a request is not even read. */
  refuseSpent(caller: RateCaller): void
}

export interface OperationRateOptions {
  rateLimit: RateLimit
  pointsPerMinute: PointsPerMinute
  countLimit: CountLimit
}

/** How many callers are remembered to have nothing left. One that is forgotten is told by its budget. */
const maxSpent = 10_000

/**
 * A user has a budget, so that neighbours behind one address don't lock each other out; all users behind an address (an IPv6 /64 as a
 * whole) have a larger one together; and an address that is not signed in has one like a user's.
 */
export function createOperationRate(options: OperationRateOptions): OperationRate {
  const { rateLimit, pointsPerMinute, countLimit } = options
  const spent = new LRUCache<string, true>({ max: maxSpent })
  const budgetsOf = ({ userId, clientIp }: RateCaller) => {
    const address = addressGroup(clientIp ?? null)
    if (!userId) return [{ key: `points:address:${address}`, limit: pointsPerMinute.ofUser }]
    return [
      { key: `points:user:${userId}`, limit: pointsPerMinute.ofUser },
      { key: `points:users-of-address:${address}`, limit: pointsPerMinute.ofAddress },
    ]
  }
  const refuse = (wait: number, asked: number, allowed: number) => {
    countLimit('points_per_minute')
    const message = `points_per_minute: at most ${allowed}, and ${asked} more are asked for. Try again in ${wait} s.`
    throw new AppError('TOO_MANY_REQUESTS', message, { retryAfter: wait, limit: 'points_per_minute', asked, allowed })
  }
  return {
    async take(caller, points = basePoints) {
      const waits = await Promise.all(
        budgetsOf(caller).map(async ({ key, limit }) => {
          const wait = await rateLimit.take(key, { limit, seconds: 60 }, points)
          // What is refused counts as well: nothing fits until the window closes.
          if (wait > 0) spent.set(key, true, { ttl: wait * 1000 })
          return { wait, limit }
        }),
      )
      const { wait, limit } = longest(waits)
      if (wait > 0) refuse(wait, points, limit)
    },
    refuseSpent(caller) {
      const waits = budgetsOf(caller).map(({ key, limit }) => {
        return { wait: spent.has(key) ? Math.ceil(spent.getRemainingTTL(key) / 1000) : 0, limit }
      })
      const { wait, limit } = longest(waits)
      if (wait > 0) refuse(wait, basePoints, limit)
    },
  }
}

/** The budget that is closed for longest. */
const longest = (waits: { wait: number; limit: number }[]) =>
  waits.reduce((one, other) => (other.wait > one.wait ? other : one))
