import { readFile } from 'node:fs/promises'
import type { EventLog } from '../../platform/events/event-log.ts'
import { startSubgraph } from '../../platform/graphql/subgraph-server.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import type { Passports } from '../../platform/identity/passport.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { watchDependencies } from '../../platform/readiness/watch-dependencies.ts'
import type { ProfileConfig } from './config.ts'
import { consumeAccounts } from './consumers/account-registered.ts'
import { createContext } from './context.ts'
import { createArrivals } from './domain/arrivals.ts'
import { lookAgain } from './domain/look-up.ts'
import type { Profiles } from './domain/profiles.ts'
import { resolvers } from './resolvers/resolvers.ts'
import { batchReads } from './store/batched-reads.ts'
import type { ProfileStore } from './store/profile-store.ts'

/** What the subgraph works with; whoever opened the parts closes them after it has stopped. */
export interface ProfileParts {
  store: ProfileStore
  eventLog: EventLog
  passports: Passports
  identify: Identify
  logger: Logger
  metrics?: Metrics
  /** Whether access tokens can be verified. While they cannot, requests are left to another replica. */
  canVerify?(): boolean
  /** Why it should not be sent work, besides what it knows itself. */
  missing?(): string[]
}

/** The profile subgraph: it follows the registered accounts and serves what users show of themselves. */
export async function startProfile({ host, port }: ProfileConfig, parts: ProfileParts): Promise<Service> {
  const { store, eventLog, passports, identify, logger, metrics } = parts
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const arrivals = createArrivals(lookAgain)
    const consumer = resources.own(await consumeAccounts({ eventLog, profiles: { store, arrivals }, logger }))
    const profiles: Profiles = { store: batchReads(store), arrivals, hears: consumer.works, now: () => new Date() }
    const watch = resources.own(
      await watchDependencies({ dependencies: { 'profile store': store.ready }, logger, metrics }),
    )
    const server = await startSubgraph({
      name: 'profile',
      sdl: await readFile(new URL('schema.graphql', import.meta.url), 'utf8'),
      resolvers,
      host,
      port,
      passports,
      identify,
      canVerify: parts.canVerify,
      logger,
      context: ({ viewer }) => createContext(profiles, viewer),
      metrics,
      ready: () => [...watch.missing(), ...(parts.missing?.() ?? [])],
    })
    resources.onClose(server.stop)
    return { url: server.url, missing: server.missing, stop: resources.close }
  })
}
