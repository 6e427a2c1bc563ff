import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimit, RateRule } from './rate-limit.ts'

/** A `RateLimit` within this process. */
export function createMemoryRateLimit(): RateLimit {
  const limiters = new Map<string, RateLimiterMemory>()
  const limiter = ({ limit, seconds }: RateRule) => {
    const name = `${limit}/${seconds}`
    const found = limiters.get(name) ?? new RateLimiterMemory({ points: limit, duration: seconds, keyPrefix: name })
    limiters.set(name, found)
    return found
  }
  return {
    async take(key, rule, calls = 1) {
      try {
        await limiter(rule).consume(key, calls)
        return 0
      } catch (refused) {
        return Math.max(1, Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000))
      }
    },
    async reset(key) {
      await Promise.all([...limiters.values()].map((each) => each.delete(key)))
    },
    async close() {
      limiters.clear()
    },
  }
}
