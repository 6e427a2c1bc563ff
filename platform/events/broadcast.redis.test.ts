import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from '@jest/globals'
import { createLogger } from '../logging/logger.ts'
import { type OwnRedisCluster, onOwnRedisServers, startOwnRedisCluster } from '../storage/redis/own-servers.harness.ts'
import { onServer } from '../testing/servers.ts'
import { broadcastContract } from './broadcast.contract.ts'
import { openRedisBroadcast } from './broadcast.redis.ts'
import type { Broadcast } from './broadcast.ts'

const logger = createLogger('test', 'silent')

/** A broadcast that is connected: it opens without a connection, too, when that takes too long on a busy machine. */
async function open(url: string): Promise<Broadcast> {
  const broadcast = await openRedisBroadcast({ url, prefix: `test:${randomUUID()}:`, logger })
  let away = false
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  const leave = broadcast.onConnection((now) => {
    away = !now
    if (now) resolve()
  })
  // Who comes while the connection is away is told so first.
  setImmediate(() => away || resolve())
  await connected
  leave()
  return broadcast
}

onServer('redis', (url) => broadcastContract('redis', () => open(url)))

onOwnRedisServers(() => {
  describe('on a cluster', () => {
    let cluster: OwnRedisCluster
    beforeAll(async () => {
      cluster = await startOwnRedisCluster()
    })
    afterAll(() => cluster.close())

    broadcastContract('a redis cluster', () => open(cluster.url))
  })
})
