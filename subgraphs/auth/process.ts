import { mysqlVariables, toMysql } from '../../platform/config/common-variables.ts'
import { type Environment, readEnv } from '../../platform/config/env.ts'
import { openRedisBroadcast } from '../../platform/events/broadcast.redis.ts'
import { openKafkaEventLog } from '../../platform/events/event-log.kafka.ts'
import { createRedisExpiringSet } from '../../platform/expiry/expiring-set.redis.ts'
import { createPassports } from '../../platform/identity/passport.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import { createRedisRateLimit } from '../../platform/limits/rate-limit.redis.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { createMetrics } from '../../platform/metrics/metrics.ts'
import { requireServers } from '../../platform/readiness/require-servers.ts'
import { openRedis } from '../../platform/storage/connection.redis.ts'
import { redisRefusesNoWrites } from '../../platform/storage/redis/readiness.redis.ts'
import { readConfig } from './config.ts'
import { startAuth } from './service.ts'
import { openMysqlAuthStore } from './store/auth-store.mysql.ts'
import { migrateAuthStore, requireAuthTables } from './store/migrate.mysql.ts'

/** How long MySQL is waited for, in milliseconds. */
const patience = 30_000

/** The subgraph as a process of its own, on MySQL, Redis and Kafka. */
export async function startAuthProcess(environment: Environment): Promise<Service> {
  const { service, mysql, migrateAtStart, redis: at, kafka, passportKeys, logLevel } = readConfig(environment)
  const logger = createLogger('auth', logLevel)
  const metrics = createMetrics('auth', { ofProcess: true })
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    await requireServers({ MYSQL_URL: mysql.url, REDIS_URL: at.url, KAFKA_URL: kafka.url }, logger)
    if (migrateAtStart) await migrateAuthStore(mysql.url, logger)
    // There is no serving without a signing key.
    const away = await requireAuthTables(mysql.url, logger, patience)
    if (away) throw away
    const store = resources.own(openMysqlAuthStore(mysql))
    const redis = resources.own(await openRedis({ ...at, logger, requireLogin: true }))
    const { prefix } = at
    const eventLog = resources.own(openKafkaEventLog({ ...kafka, logger, metrics }))
    await eventLog.requireLogin(logger)
    const auth = await startAuth(service, {
      store,
      blacklist: createRedisExpiringSet({ redis, prefix }),
      broadcast: resources.own(await openRedisBroadcast({ ...at, logger })),
      rateLimit: createRedisRateLimit({ redis, prefix, logger }),
      eventLog,
      passports: createPassports(passportKeys),
      dependencies: { Redis: redisRefusesNoWrites({ redis, prefix }) },
      logger,
      metrics,
    })
    resources.onClose(auth.stop)
    const adapters = {
      AuthStore: 'MySQL',
      EventLog: 'Kafka',
      Broadcast: 'Redis',
      ExpiringSet: 'Redis',
      RateLimit: 'Redis',
    }
    return { ...auth, adapters, stop: resources.close }
  })
}

/** Brings the tables up to date; safe from several processes at once. */
export async function migrate(environment: Environment): Promise<string> {
  const { url } = toMysql(readEnv(environment, mysqlVariables))
  const logger = createLogger('auth', 'warn')
  await requireServers({ MYSQL_URL: url }, logger)
  const version = await migrateAuthStore(url, logger)
  return `The tables of auth are up to date, at schema version ${version}.`
}
