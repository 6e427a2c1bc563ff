import type { Environment } from '../platform/config/env.ts'
import { openRedisBroadcast } from '../platform/events/broadcast.redis.ts'
import { createRedisExpiringSet } from '../platform/expiry/expiring-set.redis.ts'
import { startOperatorServer } from '../platform/http/operator-server.ts'
import { createResources, type Service } from '../platform/lifecycle/resources.ts'
import { createRedisRateLimit } from '../platform/limits/rate-limit.redis.ts'
import { createLogger } from '../platform/logging/logger.ts'
import { createMetrics } from '../platform/metrics/metrics.ts'
import { openProcessIdentity } from '../platform/peers/process-identity.ts'
import { requireServers } from '../platform/readiness/require-servers.ts'
import { watchDependencies } from '../platform/readiness/watch-dependencies.ts'
import { openRedis } from '../platform/storage/connection.redis.ts'
import { redisTakesWrites } from '../platform/storage/redis/readiness.redis.ts'
import { watchSupergraph } from './graph/watch-supergraph.ts'
import { readProcessConfig } from './process-config.ts'
import { type GatewayParts, startGateway } from './service.ts'

/** The gateway as a process of its own: it needs Redis, and auth for its keys. */
export async function startGatewayProcess(environment: Environment): Promise<Service> {
  const { service, supergraphFile, metricsPort, identity, logLevel } = readProcessConfig(environment)
  const logger = createLogger('gateway', logLevel)
  const metrics = createMetrics('gateway', { ofProcess: true })
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const { prefix } = identity.redis
    await requireServers({ REDIS_URL: identity.redis.url }, logger)
    const redis = resources.own(await openRedis({ ...identity.redis, logger, requireLogin: true }))
    const blacklist = createRedisExpiringSet({ redis, prefix })
    const broadcast = resources.own(await openRedisBroadcast({ ...identity.redis, logger }))
    const rateLimit = createRedisRateLimit({ redis, prefix, logger })
    const subgraphs = Object.entries(service.subgraphs).map(([name, { urls }]) => [name, urls])
    const peers = resources.own(
      await openProcessIdentity({
        ...identity,
        name: 'gateway',
        peers: Object.fromEntries(subgraphs),
        blacklist,
        logger,
        metrics,
      }),
    )
    const watch = resources.own(
      await watchDependencies({
        // It counts what clients do.
        dependencies: { Redis: () => redisTakesWrites({ redis, prefix }) },
        logger,
        metrics,
      }),
    )
    const whatIsMissing = () => [...watch.missing(), ...peers.missingKeys(), ...peers.refusingPeers()]
    const parts: GatewayParts = {
      ...peers,
      missing: whatIsMissing,
      broadcast,
      rateLimit,
      logger,
      metrics,
      onSupergraph: (listener) => watchSupergraph(supergraphFile, listener),
    }
    const missing = ['it is starting']
    if (metricsPort >= 0) {
      const { host } = service
      const server = await startOperatorServer({
        host,
        port: metricsPort,
        ready: () => [...missing, ...whatIsMissing()],
        metrics,
      })
      resources.onClose(server.stop)
    }
    const gateway = await startGateway(service, parts)
    missing.pop()
    resources.onClose(gateway.stop, gateway.stopsWithin)
    resources.onClose(() => void missing.push('it is stopping'))
    const adapters = { Broadcast: 'Redis', ExpiringSet: 'Redis', RateLimit: 'Redis' }
    return { ...gateway, adapters, stop: resources.close }
  })
}
