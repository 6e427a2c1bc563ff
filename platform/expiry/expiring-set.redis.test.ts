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
import { expiringSetContract } from './expiring-set.contract.ts'
import { createRedisExpiringSet } from './expiring-set.redis.ts'
import type { ExpiringSet } from './expiring-set.ts'

const logger = createLogger('test', 'silent')
const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' })

/** An empty set with a connection of its own, or with what others put under the prefix. */
async function open(url: string, prefix = `test:${randomUUID()}:`): Promise<ExpiringSet> {
  const redis = await openRedis({ url, logger })
  return { ...createRedisExpiringSet({ redis, prefix }), close: async () => void (await redis.close()) }
}

onServer('redis', (url) => {
  expiringSetContract('redis', () => open(url))

  describe('expiring set on redis', () => {
    let resources: Resources
    beforeEach(() => {
      resources = createResources()
    })
    afterEach(() => resources.close())

    const start = async (at: string, prefix?: string) => resources.own(await open(at, prefix))
    const startProxy = async () => {
      const proxy = await startTcpProxy(url)
      resources.onClose(proxy.close)
      return proxy
    }

    it('is the same for every process, and another under each prefix', async () => {
      const prefix = `test:${randomUUID()}:`
      const [here, there, other] = [await start(url, prefix), await start(url, prefix), await start(url)]
      await here.add('a', 60)
      expect(await there.present(['a'])).toEqual(new Set(['a']))
      expect(await other.present(['a'])).toEqual(new Set())
    })

    it('takes any text for a member', async () => {
      const set = await start(url)
      const odd = ['', '{', '}{a}', 'a b\r\n', '🦊', '__proto__']
      for (const member of odd.slice(1)) await set.add(member, 60)
      expect(await set.present([...odd, ...odd])).toEqual(new Set(odd.slice(1)))
    })

    it('throws while redis is away, and knows its members when it is back', async () => {
      const proxy = await startProxy()
      const set = await start(proxy.url)
      await set.add('a', 60)
      proxy.refuse()
      proxy.cut()
      await until('it is gone', () =>
        set.present(['a']).then(
          () => false,
          () => true,
        ),
      )
      await expect(set.present(['a'])).rejects.toEqual(unavailable)
      await expect(set.add('b', 60)).rejects.toEqual(unavailable)
      await proxy.accept()
      await until('it is back', () =>
        set.present([' ']).then(
          () => true,
          () => false,
        ),
      )
      expect(await set.present(['a', 'b'])).toEqual(new Set(['a']))
    })

    it('throws when redis says nothing any more', async () => {
      const proxy = await startProxy()
      const set = await start(proxy.url)
      await set.add('a', 60)
      proxy.freeze()
      await expect(set.present(['a'])).rejects.toEqual(unavailable)
      proxy.thaw()
      await until('it is back', () =>
        set.present([' ']).then(
          () => true,
          () => false,
        ),
      )
      expect(await set.present(['a'])).toEqual(new Set(['a']))
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

    expiringSetContract('a redis cluster', () => open(cluster.url))
  })
})
