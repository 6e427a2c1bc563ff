import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import type { ErrorReply } from '../../platform/graphql/error-reply.ts'
import { endConnectionsOnClose } from '../../platform/http/end-connections.ts'
import { addHealth, type Readiness } from '../../platform/http/health.ts'
import { createBrokenRequests } from '../connections/broken-requests.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { limitRefusal } from '../limits/refusals.ts'
import { refuseOtherMethods } from './allowed-methods.ts'
import { answerThrown, refuse } from './answer-errors.ts'
import { serveOtherOrigins } from './cross-origin.ts'
import { addGraphqlRoute, type GraphqlRouteOptions } from './graphql-route.ts'
import { longHeaderIn } from './header-bounds.ts'
import { takeJsonBodies } from './json-body.ts'
import type { Origins } from './origins.ts'

const maxBodyBytes = 100_000
/** What is added for a subgraph fits under the 16 kB that servers commonly take: nobody behind the gateway refuses a request that it took. */
const maxHeaderBytes = 15 * 1024

export interface HttpServerOptions extends GraphqlRouteOptions {
  origins: Origins
  headersTimeout: number
  ready: Readiness
  errorReply: ErrorReply
  countLimit: CountLimit
}

/** The HTTP side: `/graphql` behind the limits, `/health`, and CORS for the allowed origins. It does not listen yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { origins, connection, ready, headersTimeout, operationTimeout } = options
  const app = fastify({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    // An address that cannot be decoded reaches no route and no hook.
    frameworkErrors: (error, _, reply) => void refuse(reply, error.statusCode ?? 400, 'The address cannot be read.'),
    clientErrorHandler: createBrokenRequests(),
    // Closes a connection on which nothing moves for longer than an operation may take: its peer takes no answer.
    connectionTimeout: operationTimeout + 20_000,
    routerOptions: { ignoreTrailingSlash: true },
    // Some HTTP clients offer HTTP/2 by `Upgrade: h2c` with an ordinary request (Java's does), and take HTTP/1.1 for an answer.
    http: {
      maxHeaderSize: maxHeaderBytes,
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
      headersTimeout,
      connectionsCheckingInterval: Math.min(1_000, headersTimeout),
    },
  })
  app.setErrorHandler(async (error: FastifyError, _, reply) => answerFailure(reply, options, error))
  app.setNotFoundHandler((request, reply) => {
    refuse(reply, 404, `${request.url.split('?')[0]} is not here.`, { code: 'NOT_FOUND' })
  })
  await serveOtherOrigins(app, origins, connection)
  app.addHook('onRequest', async ({ headers }, reply) => {
    const long = longHeaderIn(headers)
    if (long) return refuse(reply, long.status, long.message, { field: long.name })
  })
  refuseOtherMethods(app)
  takeJsonBodies(app)
  addHealth(app, ready)
  endConnectionsOnClose(app)
  addGraphqlRoute(app, options)
  return app
}

/** Answers with what a hook threw, or Fastify itself. */
function answerFailure(
  reply: FastifyReply,
  { errorReply, countLimit }: Pick<HttpServerOptions, 'errorReply' | 'countLimit'>,
  error: FastifyError,
): FastifyReply {
  const status = error.statusCode ?? 500
  if (error instanceof AppError || status >= 500) return answerThrown(reply, errorReply, error)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      countLimit('body_bytes')
      const asked = Math.max(Number(reply.request.headers['content-length'] ?? 0), maxBodyBytes + 1)
      const { message, ...details } = limitRefusal('body_bytes', asked, maxBodyBytes)
      return refuse(reply, status, message, { field: 'body', ...details })
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse(reply.header('accept-post', 'application/json'), status, wrongContentType, {
        field: 'content-type',
      })
    default:
      return refuse(reply, status, error.message)
  }
}

const wrongContentType = 'content-type: must be application/json, and the body an object with the operation as "query"'
