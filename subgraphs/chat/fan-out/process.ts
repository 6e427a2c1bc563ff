import {
  kafkaVariables,
  redisVariables,
  serverVariables,
  toKafka,
  toRedis,
  toServer,
} from '../../../platform/config/common-variables.ts'
import { type Environment, readEnv, type Variables } from '../../../platform/config/env.ts'
import { openRedisBroadcast } from '../../../platform/events/broadcast.redis.ts'
import { openKafkaEventLog } from '../../../platform/events/event-log.kafka.ts'
import { startOperatorServer } from '../../../platform/http/operator-server.ts'
import { createResources, type Service } from '../../../platform/lifecycle/resources.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { requireServers } from '../../../platform/readiness/require-servers.ts'
import { watchDependencies } from '../../../platform/readiness/watch-dependencies.ts'
import { openRedis } from '../../../platform/storage/connection.redis.ts'
import { redisAnswers } from '../../../platform/storage/redis/readiness.redis.ts'
import { startFanOut } from '../outbox/fan-out.ts'

export const variables = { ...serverVariables(4004), ...redisVariables, ...kafkaVariables } satisfies Variables

/** The fan-out process: a member of the consumer group that brings room events from Kafka to Redis. It keeps nothing. */
export async function startFanOutProcess(environment: Environment): Promise<Service> {
  const values = readEnv(environment, variables)
  const logger = createLogger('fan-out', values.LOG_LEVEL)
  const metrics = createMetrics('fan-out', { ofProcess: true })
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    await requireServers({ REDIS_URL: values.REDIS_URL, KAFKA_URL: values.KAFKA_URL }, logger)
    const redis = resources.own(await openRedis({ ...toRedis(values), logger, requireLogin: true }))
    const broadcast = resources.own(await openRedisBroadcast({ ...toRedis(values), logger }))
    const eventLog = resources.own(openKafkaEventLog({ ...toKafka(values), logger, metrics }))
    await eventLog.requireLogin(logger)
    const consumer = resources.own(await startFanOut({ eventLog, broadcast, metrics }))
    const watch = resources.own(
      await watchDependencies({
        dependencies: {
          // It only publishes, which a server does that takes no writes.
          Redis: () => redisAnswers({ redis, prefix: values.REDIS_PREFIX }),
          Kafka: eventLog.answers,
          'its consumer group': async () => consumer.works(),
        },
        logger,
        metrics,
      }),
    )
    const server = await startOperatorServer({ ...toServer(values), ready: watch.missing, metrics })
    resources.onClose(server.stop)
    return { ...server, adapters: { EventLog: 'Kafka', Broadcast: 'Redis' }, stop: resources.close }
  })
}
