import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from '../lifecycle/resources.ts'
import { createLogger } from '../logging/logger.ts'
import { openRedis } from '../storage/connection.redis.ts'
import {
  type OwnRedisCluster,
  onOwnRedisServers,
  startOwnRedisCluster,
  until,
} from '../storage/redis/own-servers.harness.ts'
import { onServer } from '../testing/servers.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'
import { rateLimitContract } from './rate-limit.contract.ts'
import { createRedisRateLimit } from './rate-limit.redis.ts'
import type { RateLimit, RateRule } from './rate-limit.ts'

const logger = createLogger('test', 'silent')
const minute = (limit: number): RateRule => ({ limit, seconds: 60 })

/** A limit with a connection of its own, which counts together with others under the prefix. */
async function open(url: string, prefix = `test:${randomUUID()}:`): Promise<RateLimit> {
  const redis = await openRedis({ url, logger })
  const limit = createRedisRateLimit({ redis, prefix, logger })
  const close = async () => {
    await limit.close()
    await redis.close()
  }
  return { ...limit, close }
}

onServer('redis', (url) => {
  rateLimitContract('redis', () => open(url))

  describe('rate limit on redis', () => {
    let resources: Resources
    let prefix: string
    beforeEach(() => {
      resources = createResources()
      prefix = `test:${randomUUID()}:`
    })
    afterEach(() => resources.close())

    const start = async (at: string, under = prefix) => resources.own(await open(at, under))
    const connect = async () => resources.own(await openRedis({ url, logger }))
    const startProxy = async () => {
      const proxy = await startTcpProxy(url)
      resources.onClose(proxy.close)
      return proxy
    }

    it('counts together with other processes, and apart under each prefix', async () => {
      const [here, there, other] = [await start(url), await start(url), await start(url, `test:${randomUUID()}:`)]
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, call) => (call % 2 ? here : there).take('a', minute(10))),
      )
      expect(answers.filter((wait) => wait === 0)).toHaveLength(10)
      expect(await other.take('a', minute(1))).toBe(0)
    })

    it('forgets a key that another process counted by a rule of its own', async () => {
      const [here, there] = [await start(url), await start(url)]
      await here.take('a', minute(1))
      await here.take('a', { limit: 1, seconds: 600 })
      await there.reset('a')
      expect(await here.take('a', minute(1))).toBe(0)
      expect(await here.take('a', { limit: 1, seconds: 600 })).toBe(0)
    })

    it('counts a key by each rule apart, however long the others last', async () => {
      const limit = await start(url)
      await limit.take('a', minute(1))
      await limit.take('a', { limit: 1, seconds: 1 })
      await until('the short one has closed', async () => (await limit.take('a', { limit: 1, seconds: 1 })) === 0)
      expect(await limit.take('a', minute(1))).toBeGreaterThan(0)
    })

    it('keeps nothing when the last window has closed', async () => {
      const limit = await start(url)
      await limit.take('a', { limit: 1, seconds: 1 })
      const redis = await connect()
      await until('nothing is kept', async () => (await redis.send('EXISTS', `${prefix}rate:a`)) === 0)
    })

    it('counts within its process while redis is away, and together again when it is back', async () => {
      const proxy = await startProxy()
      const [here, there] = [await start(proxy.url), await start(url)]
      expect(await there.take('a', minute(2))).toBe(0)
      expect(await here.take('a', minute(2))).toBe(0)
      expect(await here.take('a', minute(2))).toBeGreaterThan(0)

      proxy.refuse()
      proxy.cut()
      const countedTogether = async () => {
        const probe = randomUUID()
        await here.take(probe, minute(1))
        return (await there.take(probe, minute(1))) > 0
      }
      await until('it counts alone', async () => !(await countedTogether()))
      // A count of this process's own: what was full is open, and closes again.
      const alone = [await here.take('a', minute(2)), await here.take('a', minute(2)), await here.take('a', minute(2))]
      expect(alone.map((wait) => wait > 0)).toEqual([false, false, true])
      await here.reset('a')
      expect(await here.take('a', minute(2))).toBe(0)

      await proxy.accept()
      await until('it counts together', countedTogether)
      expect(await here.take('a', minute(2))).toBeGreaterThan(0)
    })

    it('goes on when redis says nothing any more', async () => {
      const proxy = await startProxy()
      const limit = await start(proxy.url)
      proxy.freeze()
      const answers = await Promise.all(Array.from({ length: 20 }, () => limit.take('a', minute(5))))
      expect(answers.filter((wait) => wait === 0)).toHaveLength(5)
      await limit.reset('a')
      expect(await limit.take('a', minute(5))).toBe(0)
    })

    it('goes on when redis refuses to count', async () => {
      const redis = await connect()
      await redis.send('SET', `${prefix}rate:a`, 'no hash', 'PX', 60_000)
      const limit = createRedisRateLimit({ redis, prefix, logger })
      expect(await limit.take('a', minute(1))).toBe(0)
      expect(await limit.take('a', minute(1))).toBeGreaterThan(0)
    })
  })
})

onOwnRedisServers(() => {
  describe('on a cluster', () => {
    let cluster: OwnRedisCluster
    beforeAll(async () => {
      cluster = await startOwnRedisCluster()
    })
    afterAll(() => cluster.close())

    rateLimitContract('a redis cluster', () => open(cluster.url))
  })
})
