import { mysqlVariables, toMysql } from '../../platform/config/common-variables.ts'
import { type Environment, readEnv } from '../../platform/config/env.ts'
import { openKafkaEventLog } from '../../platform/events/event-log.kafka.ts'
import { createRedisExpiringSet } from '../../platform/expiry/expiring-set.redis.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { createMetrics } from '../../platform/metrics/metrics.ts'
import { openProcessIdentity } from '../../platform/peers/process-identity.ts'
import { requireServers } from '../../platform/readiness/require-servers.ts'
import { openRedis } from '../../platform/storage/connection.redis.ts'
import { readConfig } from './config.ts'
import { startProfile } from './service.ts'
import { migrateProfileStore, requireProfileTables } from './store/migrate.mysql.ts'
import { openMysqlProfileStore } from './store/profile-store.mysql.ts'

/** The subgraph as a process of its own, on MySQL, Redis and Kafka. */
export async function startProfileProcess(environment: Environment): Promise<Service> {
  const { service, mysql, migrateAtStart, kafka, identity, logLevel } = readConfig(environment)
  const logger = createLogger('profile', logLevel)
  const metrics = createMetrics('profile', { ofProcess: true })
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    await requireServers({ MYSQL_URL: mysql.url, REDIS_URL: identity.redis.url, KAFKA_URL: kafka.url }, logger)
    if (migrateAtStart) await migrateProfileStore(mysql.url, logger)
    const away = await requireProfileTables(mysql.url, logger)
    if (away) logger.warn({ reason: away.message }, 'MySQL (MYSQL_URL) does not answer yet')
    const store = resources.own(openMysqlProfileStore(mysql))
    const redis = resources.own(await openRedis({ ...identity.redis, logger, requireLogin: true }))
    const blacklist = createRedisExpiringSet({ redis, prefix: identity.redis.prefix })
    const { identify, passports, canVerify, missingKeys } = resources.own(
      await openProcessIdentity({ ...identity, name: 'profile', blacklist, logger, metrics }),
    )
    const eventLog = resources.own(openKafkaEventLog({ ...kafka, logger, metrics }))
    await eventLog.requireLogin(logger)
    const profile = await startProfile(service, {
      store,
      eventLog,
      passports,
      identify,
      canVerify,
      missing: missingKeys,
      logger,
      metrics,
    })
    resources.onClose(profile.stop)
    const adapters = { ProfileStore: 'MySQL', EventLog: 'Kafka', ExpiringSet: 'Redis' }
    return { ...profile, adapters, stop: resources.close }
  })
}

/** Brings the tables up to date; safe from several processes at once. */
export async function migrate(environment: Environment): Promise<string> {
  const { url } = toMysql(readEnv(environment, mysqlVariables))
  const logger = createLogger('profile', 'warn')
  await requireServers({ MYSQL_URL: url }, logger)
  const version = await migrateProfileStore(url, logger)
  return `The tables of profile are up to date, at schema version ${version}.`
}
