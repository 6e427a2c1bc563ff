import { RateLimiterMemory } from 'rate-limiter-flexible'
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
  const takeNow = async (key: string, rule: RateRule, calls: number) => {
    const window = limiter(rule)
    const found = await window.get(key)
    const { consumedPoints: counted, msBeforeNext } =
      found && found.msBeforeNext > 0 ? found : { consumedPoints: 0, msBeforeNext: rule.seconds * 1000 }
    if (counted + calls > rule.limit) return Math.max(1, Math.ceil(msBeforeNext / 1000))
    await window.consume(key, Math.max(calls, -counted))
    return 0
  }
  /** One after the other: none is counted between another's look and its count. */
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(key, rule, calls = 1) {
      const turn = last.then(() => takeNow(key, rule, calls))
      last = turn.catch(() => {})
      return turn
    },
    async reset(key) {
      await Promise.all([...limiters.values()].map((each) => each.delete(key)))
    },
    async close() {
      limiters.clear()
    },
  }
}
