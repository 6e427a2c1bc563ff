import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from '@jest/globals'
import { createLogger } from '../logging/logger.ts'
import { type OwnRedisCluster, onOwnRedisServers, startOwnRedisCluster } from '../storage/redis/own-servers.harness.ts'
import { onServer } from '../testing/servers.ts'
import { broadcastContract } from './broadcast.contract.ts'
import { openRedisBroadcast } from './broadcast.redis.ts'

const logger = createLogger('test', 'silent')
const open = (url: string) => openRedisBroadcast({ url, prefix: `test:${randomUUID()}:`, logger })

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
