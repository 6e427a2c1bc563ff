import { hash } from 'node:crypto'
import type { RedisConnection } from '../storage/connection.redis.ts'
import type { ExpiringSet } from './expiring-set.ts'

/** One step: a member that leaves between two would be lost. One that is not there has -2 left. */
const addScript = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end
`

/** An `ExpiringSet` of keys in Redis: a member's key leaves with it. */
export function createRedisExpiringSet({ redis, prefix }: { redis: RedisConnection; prefix: string }): ExpiringSet {
  // A sixteenth of the members share a slot of a cluster, so that many of them are found by few commands.
  const keyOf = (member: string) => `${prefix}expiring:{${bucketOf(member)}}${member}`
  const presentOf = async (members: string[]) => {
    const values = (await redis.send('MGET', ...members.map(keyOf))) as (string | null)[]
    return members.filter((_, at) => values[at] !== null)
  }
  return {
    async add(member, ttl) {
      await redis.send('EVAL', addScript, 1, keyOf(member), Math.ceil(ttl * 1000))
    },
    async present(members) {
      const buckets = Map.groupBy(new Set(members), bucketOf).values()
      return new Set((await Promise.all(buckets.map(presentOf))).flat())
    },
    // The connection is its opener's.
    close: async () => {},
  }
}

const bucketOf = (member: string) => hash('sha1', member)[0]
