import type { Broadcast } from '../platform/events/broadcast.ts'
import { createErrorReply } from '../platform/graphql/error-reply.ts'
import type { Identify } from '../platform/identity/identify.ts'
import type { Passports } from '../platform/identity/passport.ts'
import type { RevocationCheck } from '../platform/identity/revocation-check.ts'
import { onRevoked } from '../platform/identity/revocations.ts'
import { createResources, type Service } from '../platform/lifecycle/resources.ts'
import type { RateLimit } from '../platform/limits/rate-limit.ts'
import type { Logger } from '../platform/logging/logger.ts'
import { startApollo } from './apollo.ts'
import type { GatewayConfig } from './config.ts'
import { createGraph } from './graph.ts'
import { createClientAddress } from './http/client-address.ts'
import { createHttpServer } from './http/http-server.ts'
import { serveIde } from './http/ide.ts'
import { createOriginCheck } from './http/origins.ts'
import { serveWebClient } from './http/web-client.ts'
import { createOperationRate } from './limits/operation-rate.ts'
import { createGraphqlSockets } from './sockets/graphql-sockets.ts'
import { createOpeningLimit } from './sockets/opening-limit.ts'
import { createOperationRunner } from './sockets/run-operation.ts'
import { openSessionWatch } from './sockets/session-watch.ts'
import { serveWebSockets } from './sockets/websocket-server.ts'
import { createFederatedSubscriptions } from './subscriptions/federated-subscription.ts'
import { createSubgraphStream } from './subscriptions/subgraph-stream.ts'
import { createSubgraphClient } from './upstreams/subgraph-client.ts'

/** What the gateway works with. Whoever opened them closes them, after the service has stopped. */
export interface GatewayParts {
  identify: Identify
  passports: Passports
  /** Which sessions were revoked, and where that is announced. */
  revoked: RevocationCheck
  broadcast: Pick<Broadcast, 'subscribe'>
  rateLimit: RateLimit
  logger: Logger
}

/** How long a call to another subgraph may take to complete an event, in milliseconds. */
const restTimeout = 1_000
/** How many subscriptions may be opening at a time. */
const openings = { perUser: 4, total: 64 }

/** The gateway: serves any supergraph, over HTTP and WebSocket at `/graphql`. Its parts close in the reverse order. */
export async function startGateway(config: GatewayConfig, parts: GatewayParts): Promise<Service> {
  const { identify, passports, revoked, broadcast, rateLimit, logger } = parts
  const { subgraphs, development, sockets } = config
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const errorReply = createErrorReply(logger)
    const entries = Object.entries(subgraphs)
    const dataSources = Object.fromEntries(
      entries.map(([name, subgraph]) => [
        name,
        resources.own(createSubgraphClient({ name, ...subgraph, passports, logger })),
      ]),
    )
    const streams = Object.fromEntries(
      entries.map(([name, { urls }]) => [name, createSubgraphStream({ name, urls, passports })]),
    )
    const graph = createGraph(config.supergraphSdl, dataSources)
    const subscriptions = resources.own(
      createFederatedSubscriptions({
        graph,
        dataSources,
        streams,
        maxBacklogBytes: sockets.maxBacklogBytes,
        restTimeout,
      }),
    )
    const apollo = await startApollo({ graph, development, errorReply, logger })
    resources.onClose(() => apollo.stop())
    const sessions = resources.own(
      await openSessionWatch({ revoked, onRevoked: (listener) => onRevoked(broadcast, listener), logger }),
    )

    const admit = createOperationRate(rateLimit, config.operationsPerMinute)
    const clientAddress = createClientAddress(config.trustedProxies)
    const app = await createHttpServer({ config, apollo, identify, admit, clientAddress, errorReply })
    resources.onClose(() => app.close())
    if (development) serveIde(app)
    if (config.webRoot) await serveWebClient(app, config.webRoot)

    const run = createOperationRunner({
      ...config,
      graph,
      apollo,
      subscriptions,
      admit,
      openings: createOpeningLimit(openings),
    })
    resources.own(
      serveWebSockets({
        server: app.server,
        path: '/graphql',
        allowsOrigin: createOriginCheck(config.allowedOrigins),
        clientAddress,
        admit: (clientIp) => admit({ clientIp }),
        graphql: createGraphqlSockets({
          schema: graph.schema,
          identify,
          sessions,
          run,
          errorReply,
          logger,
          limits: sockets,
        }),
        limits: sockets,
      }),
    )
    const url = await app.listen({ host: config.host, port: config.port })
    return { url, stop: resources.close }
  })
}
