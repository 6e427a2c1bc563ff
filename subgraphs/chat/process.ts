import type { Environment } from '../../platform/config/env.ts'
import { openRedisBroadcast } from '../../platform/events/broadcast.redis.ts'
import { openKafkaEventLog } from '../../platform/events/event-log.kafka.ts'
import { createRedisExpiringSet } from '../../platform/expiry/expiring-set.redis.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { createMetrics } from '../../platform/metrics/metrics.ts'
import { openProcessIdentity } from '../../platform/peers/process-identity.ts'
import { requireServers } from '../../platform/readiness/require-servers.ts'
import { openRedis } from '../../platform/storage/connection.redis.ts'
import { readConfig } from './config.ts'
import { startChat } from './service.ts'
import { openMongodbChatStore } from './store/chat-store.mongodb.ts'

/** The subgraph as a process of its own, on MongoDB, Redis and Kafka. */
export async function startChatProcess(environment: Environment): Promise<Service> {
  const { service, mongodb, kafka, identity, logLevel } = readConfig(environment)
  const logger = createLogger('chat', logLevel)
  const metrics = createMetrics('chat', { ofProcess: true })
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    await requireServers({ MONGODB_URL: mongodb.url, REDIS_URL: identity.redis.url, KAFKA_URL: kafka.url }, logger)
    const store = resources.own(await openMongodbChatStore({ ...mongodb, logger }))
    const redis = resources.own(await openRedis({ ...identity.redis, logger, requireLogin: true }))
    const blacklist = createRedisExpiringSet({ redis, prefix: identity.redis.prefix })
    const broadcast = resources.own(await openRedisBroadcast({ ...identity.redis, logger }))
    const { identify, passports, canVerify, missingKeys } = resources.own(
      await openProcessIdentity({ ...identity, name: 'chat', blacklist, logger, metrics }),
    )
    const eventLog = resources.own(openKafkaEventLog({ ...kafka, logger, metrics }))
    await eventLog.requireLogin(logger)
    const chat = await startChat(service, {
      store,
      eventLog,
      broadcast,
      passports,
      identify,
      canVerify,
      missing: missingKeys,
      logger,
      metrics,
    })
    resources.onClose(chat.stop)
    const adapters = { ChatStore: 'MongoDB', EventLog: 'Kafka', Broadcast: 'Redis', ExpiringSet: 'Redis' }
    return { ...chat, adapters, stop: resources.close }
  })
}
