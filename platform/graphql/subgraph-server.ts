import type { IncomingMessage } from 'node:http'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { parse } from 'graphql'
import { endConnectionsOnClose } from '../http/end-connections.ts'
import { addHealth, addMetrics, type Readiness } from '../http/health.ts'
import type { AccessTokenRules } from '../identity/access-token.ts'
import { type Identify, identifyFor } from '../identity/identify.ts'
import { type Passports, passportHeader, refusalHeader } from '../identity/passport.ts'
import { type Viewer, viewerHeader } from '../identity/viewer.ts'
import { watchPauses } from '../lifecycle/pauses.ts'
import { createResources, type Service } from '../lifecycle/resources.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createPassportGuard, type PassportGuard } from '../peers/passport-guard.ts'
import { createPeerClocks } from '../peers/peer-clocks.ts'
import { servePeers } from '../peers/peer-route.ts'
import { withHttpStatus } from './context-error.ts'
import { createDocumentStore } from './document-store.ts'
import { createErrorReply, type ErrorReply, replyTo } from './error-reply.ts'
import { requirePassport } from './passport-check.ts'
import {
  createResponseMeter,
  defaultMaxResponseBytes,
  maxResponseBytesHeader,
  meterOf,
  meterResponses,
  withMeter,
} from './response-meter.ts'
import { serveSubscriptions } from './subgraph-subscriptions.ts'

/** Who asks and from where. The address and the user agent are the gateway's word: its passport covers the body, not the headers. */
export interface Caller {
  viewer: Viewer
  ip: string | undefined
  /** Whether the client speaks HTTPS, perhaps to a proxy. */
  isHttps: boolean
  userAgent: string | undefined
}

export interface SubgraphOptions<Context extends object> {
  name: string
  /** The subgraph's SDL. */
  sdl: string
  // biome-ignore lint/suspicious/noExplicitAny: generated resolver types and Apollo's own do not meet; codegen checks the former.
  resolvers: any
  host: string
  port: number
  passports: Passports
  identify: Identify
  /** Whether access tokens can be verified. While they cannot, no request is taken: a gateway asks another replica. Always, unless it is given. */
  canVerify?(): boolean
  logger: Logger
  /** A context for each operation. Over a WebSocket there is no HTTP exchange. */
  context(caller: Caller, http?: { request: FastifyRequest; reply: FastifyReply }): Context
  ready: Readiness
  metrics?: Metrics
  /** How this subgraph signs access tokens, when it does. */
  tokens?: AccessTokenRules
  /** Routes beside `/graphql` and `/health`. */
  routes?(app: FastifyInstance, guard: PassportGuard): void
}

/** How many bytes of documents are kept, about: a gateway's plans ask for few different ones, and whoever makes up more waits for each. */
const keptDocumentBytes = 8_000_000

/** More than a gateway takes from a client: what it lets through, with what it adds, is not refused here. */
const maxHeaderBytes = 64 * 1024

/** Serves a subgraph over HTTP, and over WebSocket when it has subscriptions. Both are closed to whoever has no passport. */
export async function startSubgraph<Context extends object>(options: SubgraphOptions<Context>): Promise<Service> {
  const { name, sdl, resolvers, host, port, passports, identify, canVerify = () => true, logger } = options
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }])
  meterResponses(schema)
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const errorReply = createErrorReply(logger)
    const app = fastify({
      bodyLimit: 5_000_000,
      forceCloseConnections: 'idle',
      http: { maxHeaderSize: maxHeaderBytes },
    })
    const clocks = createPeerClocks({ name, logger, metrics: options.metrics })
    const pauses = resources.own(watchPauses({ name, logger }))
    const guard = createPassportGuard({ name, passports, clocks, pauses, logger, metrics: options.metrics })
    requirePassport(app, name, guard)
    leaveToOthers(app, canVerify)
    const stopping: string[] = []
    const missing = () => [...stopping, ...options.ready(), ...guard.missing()]
    addHealth(app, missing)
    servePeers(app, name, guard, options.tokens)
    if (options.metrics) addMetrics(app, options.metrics)
    endConnectionsOnClose(app)
    options.routes?.(app, guard)

    // Only the gateway gets here, and it plans against the whole schema: introspection and CSRF protection are its business.
    const apollo = new ApolloServer<Context>({
      schema,
      formatError: errorReply,
      introspection: true,
      documentStore: createDocumentStore(keptDocumentBytes),
      persistedQueries: false,
      csrfPrevention: false,
      stopOnTerminationSignals: false,
      includeStacktraceInErrorResponses: false,
      logger,
      plugins: [answerStopped(errorReply)],
    })
    await apollo.start()
    resources.onClose(() => apollo.stop())
    // Closed first: what is running is answered before Apollo stops.
    resources.onClose(() => app.close())
    app.route({
      method: 'POST',
      url: '/graphql',
      handler: fastifyApolloHandler(apollo, {
        context: async (request, reply) => {
          const { authorization, 'user-agent': userAgent, [viewerHeader]: asked } = request.headers
          const { 'x-client-ip': ip, 'x-client-proto': protocol } = request.headers
          const viewer = await withHttpStatus(identifyFor(identify, { authorization, viewer: asked }))
          const isHttps = protocol === 'https'
          const meter = createResponseMeter(Number(request.headers[maxResponseBytesHeader]) || defaultMaxResponseBytes)
          reply.raw.once('close', meter.leave)
          const caller = { viewer, ip: single(ip), isHttps, userAgent }
          return withMeter(options.context(caller, { request, reply }), meter)
        },
      }),
    })
    if (schema.getSubscriptionType()) {
      resources.own(
        serveSubscriptions({
          server: app.server,
          schema,
          errorReply,
          refuses: ({ headers: { [passportHeader]: passport } }: IncomingMessage) => {
            const reason = guard.refuses(name, passport, '')
            return reason && { [refusalHeader]: reason }
          },
          canVerify,
          context: async (word) =>
            options.context({
              viewer: await identifyFor(identify, word),
              ip: undefined,
              isHttps: false,
              userAgent: undefined,
            }),
        }),
      )
    }
    const url = await app.listen({ host, port })
    resources.onClose(() => void stopping.push('it is stopping'))
    return { url, missing, stop: resources.close }
  })
}

/** Answers operations with 503 before anything is parsed, while nobody's token can be verified: they were not taken. */
function leaveToOthers(app: FastifyInstance, canVerify: () => boolean): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url !== '/graphql' || canVerify()) return
    throw Object.assign(new Error('This replica cannot verify sign-ins yet.'), { statusCode: 503 })
  })
}

/** What stopped before its end is answered with the reason alone: nothing of what was made before is sent. */
const answerStopped = (errorReply: ErrorReply): ApolloServerPlugin<object> => ({
  requestDidStart: async () => ({
    async willSendResponse({ contextValue, response }) {
      const stopped = meterOf(contextValue)?.stopped()
      if (!stopped) return
      response.body = { kind: 'single', singleResult: { data: null, errors: [replyTo(errorReply, stopped)] } }
    },
  }),
})

const single = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)
