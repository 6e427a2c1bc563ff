import { LRUCache } from 'lru-cache'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'
import type { PointsPerMinute } from '../config.ts'
import { basePoints } from './cost/measure-operation.ts'
import type { CountLimit } from './limit-count.ts'
import { limitRefusal, tooMany } from './refusals.ts'

/** Who asks: the user, or the address of whoever is not signed in. */
export interface RateCaller {
  userId?: string
  clientIp: string | undefined
}

/** Takes the points of operations from the budgets of who asks, before their work is done. */
export interface OperationRate {
  /**
   * Takes the points. Throws `TOO_MANY_REQUESTS` when a budget of the caller has not that many left in this minute: then it takes no
   * more than any refused request costs, and what fits is admitted still.
   */
  take(caller: RateCaller, points?: number): Promise<void>
  /** Throws `TOO_MANY_REQUESTS` for a caller who cannot pay what any request costs: such a request is not even read. */
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
  const budgetsOf = ({ userId, clientIp }: RateCaller): Budget[] => {
    const address = addressGroup(clientIp ?? null)
    if (!userId) return [{ key: `points:address:${address}`, limit: pointsPerMinute.ofUser }]
    return [
      { key: `points:user:${userId}`, limit: pointsPerMinute.ofUser },
      { key: `points:users-of-address:${address}`, limit: pointsPerMinute.ofAddress },
    ]
  }
  const refuse = (wait: number, asked: number, allowed: number) => {
    countLimit('points_per_minute')
    throw tooMany(limitRefusal('points_per_minute', asked, allowed), wait)
  }
  const takeFrom = ({ key, limit }: Budget, points: number) => rateLimit.take(key, { limit, seconds: 60 }, points)
  /** What was taken is given back, and each budget pays what any refused request costs. One that cannot has nothing left. */
  const chargeRefused = async (budget: Budget, points: number, wait: number) => {
    if (wait === 0) return takeFrom(budget, basePoints - points)
    const spentFor = points > basePoints ? await takeFrom(budget, basePoints) : wait
    if (spentFor > 0) spent.set(budget.key, true, { ttl: spentFor * 1000 })
    return spentFor
  }
  return {
    async take(caller, points = basePoints) {
      const budgets = budgetsOf(caller)
      const waits = await Promise.all(budgets.map((budget) => takeFrom(budget, points)))
      const wait = Math.max(...waits)
      if (wait === 0) return
      await Promise.all(budgets.map((budget, index) => chargeRefused(budget, points, waits[index] ?? 0)))
      refuse(wait, points, budgets[waits.indexOf(wait)]?.limit ?? 0)
    },
    refuseSpent(caller) {
      for (const { key, limit } of budgetsOf(caller)) {
        const wait = spent.has(key) ? Math.ceil(spent.getRemainingTTL(key) / 1000) : 0
        if (wait > 0) refuse(wait, basePoints, limit)
      }
    },
  }
}

/** Points that may be taken in a minute. */
interface Budget {
  key: string
  limit: number
}
