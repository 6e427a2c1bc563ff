import type { Logger } from '../logging/logger.ts'
import type { RedisConnection } from '../storage/connection.redis.ts'
import { createMemoryRateLimit } from './rate-limit.memory.ts'
import type { RateLimit } from './rate-limit.ts'

/**
 * All windows of a key are one hash, `rule -> "calls end"`, so that a reset forgets also those that only other processes know.
 * (rate-limiter-flexible has a key for each rule.) Gives the milliseconds to wait, by the server's clock.
 */
const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local rule, limit, length, calls = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local counted, ends = string.match(redis.call('HGET', KEYS[1], rule) or '', '^(%d+) (%d+)$')
counted, ends = tonumber(counted), tonumber(ends)
if not ends or ends <= now then counted, ends = 0, now + length end
counted = math.max(0, counted + calls)
if counted > limit then return ends - now end
redis.call('HSET', KEYS[1], rule, string.format('%.0f %.0f', counted, ends))
if redis.call('PTTL', KEYS[1]) < ends - now then redis.call('PEXPIRE', KEYS[1], ends - now) end
return 0
`

const warnEvery = 60_000

export interface RedisRateLimitOptions {
  redis: RedisConnection
  prefix: string
  logger: Logger
}

/** A `RateLimit` in Redis. While Redis cannot answer, it counts within this process. */
export function createRedisRateLimit({ redis, prefix, logger }: RedisRateLimitOptions): RateLimit {
  const alone = createMemoryRateLimit()
  const keyOf = (key: string) => `${prefix}rate:${key}`
  let warned = Number.NEGATIVE_INFINITY
  let isAlone = false
  const warn = (error: unknown) => {
    isAlone = true
    if (performance.now() - warned < warnEvery) return
    warned = performance.now()
    logger.warn({ err: error }, 'calls are counted within this process, because Redis does not count them')
  }
  return {
    async take(key, rule, calls = 1) {
      const { limit, seconds } = rule
      try {
        const parameters = [`${limit}/${seconds}`, limit, seconds * 1000, calls]
        const wait = Number(await redis.send('EVAL', takeScript, 1, keyOf(key), ...parameters))
        if (isAlone) logger.info('calls are counted by Redis again')
        isAlone = false
        return Math.ceil(wait / 1000)
      } catch (error) {
        warn(error)
        return alone.take(key, rule, calls)
      }
    },
    async reset(key) {
      await alone.reset(key)
      await redis.send('DEL', keyOf(key)).catch(warn)
    },
    close: () => alone.close(),
  }
}
