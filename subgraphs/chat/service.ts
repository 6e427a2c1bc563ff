import { readFile } from 'node:fs/promises'
import type { Broadcast } from '../../platform/events/broadcast.ts'
import type { EventLog } from '../../platform/events/event-log.ts'
import { startSubgraph } from '../../platform/graphql/subgraph-server.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import type { Passports } from '../../platform/identity/passport.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { watchDependencies } from '../../platform/readiness/watch-dependencies.ts'
import type { ChatConfig } from './config.ts'
import type { Context } from './context.ts'
import type { Chat } from './domain/chat.ts'
import type { RoomEvent } from './domain/room-event.ts'
import { createArrivals } from './feeds/arrivals.ts'
import { createRoomFeeds } from './feeds/room-feeds.ts'
import { startGivingOwners } from './log/give-owners.ts'
import { createRoomLog } from './log/room-log.ts'
import { createAnnouncer } from './outbox/announcer.ts'
import { createPublisher } from './outbox/publisher.ts'
import { startRelay } from './outbox/relay.ts'
import { consumeAccounts } from './people/consume-accounts.ts'
import { createSeenViewers } from './people/seen-viewers.ts'
import { createLoaders } from './resolvers/loaders.ts'
import { resolvers } from './resolvers/resolvers.ts'
import { createTextReads } from './resolvers/text-reads.ts'
import type { ChatStore } from './store/chat-store.ts'

/** The ports that chat works on. Whoever opened them closes them, after the service has stopped. */
export interface ChatParts {
  store: ChatStore
  eventLog: EventLog
  broadcast: Broadcast
  passports: Passports
  identify: Identify
  logger: Logger
  metrics?: Metrics
  /** Whether access tokens can be verified. While they cannot, requests are left to another replica. */
  canVerify?(): boolean
  /** Why it should not be sent work, besides what it knows itself. */
  missing?(): string[]
}

/** The chat subgraph: its parts in the order they open; they close in reverse. */
export async function startChat(config: ChatConfig, parts: ChatParts): Promise<Service> {
  const { store, eventLog, broadcast, passports, identify, logger, metrics } = parts
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const publisher = resources.own(
      createPublisher({ store, eventLog, logger, metrics, maxWaiting: config.maxPublishing }),
    )
    resources.own(await startRelay({ store, publisher, logger, metrics, ...config.relay }))
    const announcer = resources.own(createAnnouncer({ broadcast, logger, metrics, maxWaiting: config.maxPublishing }))
    const onCommitted = (events: RoomEvent[]) => {
      announcer.announce(events)
      publisher.publishSoon(events)
    }
    const log = resources.own(createRoomLog({ store, logger, metrics, onCommitted, limits: config.commits }))
    resources.own(await startGivingOwners({ store, log, logger }))
    const feeds = resources.own(createRoomFeeds({ log: store.log, broadcast, logger, metrics, limits: config.feeds }))
    const arrivals = resources.own(
      createArrivals({ store, metrics, maxWaiting: config.maxArriving, snapshotBytes: config.snapshotBytes }),
    )
    const viewers = resources.own(createSeenViewers({ people: store.people, logger }))
    resources.own(await consumeAccounts(eventLog, store.people))
    const chat: Chat = { store, log, feeds, arrivals, maxReplay: config.maxReplay }
    const watch = resources.own(
      await watchDependencies({ dependencies: { 'chat store': store.ready }, logger, metrics }),
    )
    const server = await startSubgraph<Context>({
      name: 'chat',
      sdl: await readFile(new URL('schema.graphql', import.meta.url), 'utf8'),
      resolvers,
      host: config.host,
      port: config.port,
      passports,
      identify,
      canVerify: parts.canVerify,
      logger,
      context({ viewer }) {
        viewers.saw(viewer)
        return { viewer, chat, loaders: createLoaders(chat, viewer), textReads: createTextReads() }
      },
      metrics,
      ready: () => [...watch.missing(), ...(parts.missing?.() ?? [])],
    })
    resources.onClose(server.stop)
    return { url: server.url, missing: server.missing, stop: resources.close }
  })
}
