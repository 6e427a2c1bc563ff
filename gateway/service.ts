import type { Broadcast } from '../platform/events/broadcast.ts'
import { createErrorReply } from '../platform/graphql/error-reply.ts'
import type { PublicKeys } from '../platform/identity/access-token.ts'
import type { Identify } from '../platform/identity/identify.ts'
import type { Passports } from '../platform/identity/passport.ts'
import type { RevocationCheck } from '../platform/identity/revocation-check.ts'
import { onRevoked } from '../platform/identity/revocations.ts'
import { createResources, type Service } from '../platform/lifecycle/resources.ts'
import type { RateLimit } from '../platform/limits/rate-limit.ts'
import type { Logger } from '../platform/logging/logger.ts'
import { createMetrics, type Metrics } from '../platform/metrics/metrics.ts'
import { createRefusalReport, type RefusalReport } from '../platform/peers/refusal-report.ts'
import { startApollo } from './apollo.ts'
import type { GatewayConfig } from './config.ts'
import { limitConnections } from './connections/connection-limit.ts'
import { createGraphs, type Graphs } from './graph/graphs.ts'
import { createClientConnection } from './http/client-connection.ts'
import { createHttpServer } from './http/http-server.ts'
import { createOrigins } from './http/origins.ts'
import { serveIde } from './http/pages/ide.ts'
import { serveWebClient } from './http/pages/web-client.ts'
import { createAdmission } from './limits/admit-operation.ts'
import { createKnownDocuments } from './limits/document/known-documents.ts'
import { createCostMetric, createLimitCount } from './limits/limit-count.ts'
import { createOperationCheck } from './limits/operation-check.ts'
import { createOperationRate } from './limits/operation-rate.ts'
import { createGraphqlSockets } from './sockets/graphql-sockets.ts'
import { createOpeningLimit } from './sockets/opening-limit.ts'
import { createOperationRunner } from './sockets/operations/run-operation.ts'
import { openSessionWatch } from './sockets/session-watch.ts'
import { serveWebSockets } from './sockets/websocket-server.ts'
import { createEventCompletion } from './subscriptions/complete-event.ts'
import { createFederatedSubscriptions } from './subscriptions/federated-subscription.ts'
import { createSubgraphStream } from './subscriptions/subgraph-stream.ts'
import { createFairTurns } from './turns/fair-turns.ts'
import { createSubgraphClient } from './upstreams/subgraph-client.ts'

/** What the gateway works with. Whoever opened them closes them, after the service has stopped. */
export interface GatewayParts {
  identify: Identify
  passports: Passports
  /** Which sessions were revoked, and where that is announced. */
  revoked: RevocationCheck
  keys: PublicKeys
  broadcast: Pick<Broadcast, 'subscribe'>
  rateLimit: RateLimit
  logger: Logger
  metrics?: Metrics
  refusals?: RefusalReport
  /** Why this gateway should not be sent work, besides that it is stopping. */
  missing?(): string[]
  /** Tells of every new supergraph that is to be served from then on; gives what ends it. */
  onSupergraph?(listener: (supergraphSdl: string) => void): () => void
}

/** How many bytes of parsed documents are kept. */
const keptDocumentBytes = 16_000_000
/** What is added to the time that a part may take to close, in milliseconds. */
const slack = 3_000

/** The gateway: serves any supergraph, over HTTP and WebSocket at `/graphql`. Its parts close in the reverse order. */
export async function startGateway(config: GatewayConfig, parts: GatewayParts): Promise<Service> {
  const { identify, passports, revoked, keys, broadcast, rateLimit, logger, metrics = createMetrics('gateway') } = parts
  const { refusals = createRefusalReport({ name: 'gateway', logger, metrics }) } = parts
  const { subgraphs, development, sockets, operationTimeout } = config
  const { closeGrace, closeTimeout, upstreamHeartbeat } = sockets
  /** Why it is not ready. */
  const missing: string[] = []
  const ready = () => [...missing, ...(parts.missing?.() ?? [])]
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const errorReply = createErrorReply(logger)
    const entries = Object.entries(subgraphs)
    const dataSources = Object.fromEntries(
      entries.map(([name, subgraph]) => [
        name,
        resources.own(
          createSubgraphClient({
            name,
            ...subgraph,
            passports,
            refusals,
            heartbeat: upstreamHeartbeat,
            isIdempotent: (field) => graphs.current().marks.isIdempotent(field),
            logger,
          }),
        ),
      ]),
    )
    const streams = Object.fromEntries(
      entries.map(([name, { urls }]) => [
        name,
        createSubgraphStream({
          name,
          urls,
          passports,
          refusals,
          heartbeat: upstreamHeartbeat,
        }),
      ]),
    )
    const countLimit = createLimitCount(metrics)
    const turns = createFairTurns()
    metrics.gauge('parley_turns_waiting', 'Operations and events that wait for their turn to begin', turns.waiting)
    const graphs: Graphs = createGraphs({ supergraphSdl: config.supergraphSdl, dataSources, logger })
    const subscriptions = resources.own(
      createFederatedSubscriptions({
        graphs,
        streams,
        complete: createEventCompletion({
          dataSources,
          restTimeout: sockets.restTimeout,
          maxEventBytes: sockets.maxEventBytes,
          countLimit,
          errorReply,
        }),
        maxBacklogBytes: sockets.maxBacklogBytes,
        openingTimeout: operationTimeout,
        sharing: config.sharing,
        streamLimits: sockets.streams,
        countLimit,
        turns,
        metrics,
        logger,
      }),
    )
    if (parts.onSupergraph) resources.onClose(parts.onSupergraph(graphs.replace))
    const documents = createKnownDocuments(keptDocumentBytes)
    const apollo = await startApollo({ graphs, documents, development, errorReply, logger })
    resources.onClose(() => apollo.stop())
    const sessions = resources.own(
      await openSessionWatch({
        revoked,
        keys,
        onRevoked: (listener) => onRevoked(broadcast, listener),
        checkEvery: sockets.sessionCheck,
        logger,
      }),
    )

    const rate = createOperationRate({ rateLimit, pointsPerMinute: config.pointsPerMinute, countLimit })
    const noteCost = createCostMetric(metrics)
    const check = createOperationCheck({
      limits: config.limits,
      development,
      graph: graphs.current,
      documents,
      countLimit,
      noteCost,
    })
    const admit = createAdmission({ check, rate, turns })
    const connection = createClientConnection(config.trustedProxies, logger)
    const origins = createOrigins({ allowedOrigins: config.allowedOrigins, development, logger })
    const app = await createHttpServer({
      apollo,
      identify,
      rate,
      admit,
      turns,
      countLimit,
      ready,
      connection,
      errorReply,
      origins,
      headersTimeout: config.connections.headersTimeout,
      operationTimeout,
      maxResponseBytes: config.limits.maxResponseBytes,
      hasPage: development,
    })
    const { isTrustedProxy } = connection
    limitConnections(app.server, { limits: config.connections, isTrustedProxy, countLimit, metrics })
    resources.onClose(() => app.close())
    if (development) serveIde(app)
    if (config.webRoot) await serveWebClient(app, config.webRoot)

    const run = createOperationRunner({
      operationTimeout,
      maxResponseBytes: config.limits.maxResponseBytes,
      apollo,
      subscriptions,
      admit,
      turns,
      rate,
      openings: createOpeningLimit({
        openings: sockets.openings,
        replays: sockets.replays,
        patience: operationTimeout,
        countLimit,
        metrics,
      }),
    })
    const webSockets = serveWebSockets({
      server: app.server,
      path: '/graphql',
      origins,
      connection,
      admit: async (clientIp) => {
        rate.refuseSpent({ clientIp })
        await rate.take({ clientIp })
      },
      graphql: createGraphqlSockets({
        identify,
        sessions,
        run,
        errorReply,
        logger,
        rate,
        limits: sockets,
        countLimit,
        metrics,
      }),
      limits: sockets,
      operationTimeout,
      countLimit,
      metrics,
    })
    // What runs is answered, over HTTP and over the last sockets, at the same time.
    const finish = async () => void (await Promise.all([webSockets.close(), app.close()]))
    resources.onClose(finish, operationTimeout + closeTimeout + slack)
    // HTTP goes on while sockets are closed in batches.
    resources.onClose(webSockets.leave, closeGrace + slack)
    resources.onClose(() => void missing.push('it is stopping'))
    const url = await app.listen({ host: config.host, port: config.port })
    return {
      url,
      missing: ready,
      stopsWithin: closeGrace + operationTimeout + closeTimeout + 2 * slack,
      stop: resources.close,
    }
  })
}
