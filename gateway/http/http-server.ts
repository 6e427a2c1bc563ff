import type { IncomingMessage } from 'node:http'
import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import cors from '@fastify/cors'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { OperationTypeNode } from 'graphql'
import { AppError } from '../../platform/errors/app-error.ts'
import { httpStatusOf } from '../../platform/graphql/context-error.ts'
import { type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import { endConnectionsOnClose } from '../../platform/http/end-connections.ts'
import { addHealth, type Readiness } from '../../platform/http/health.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import type { GatewayConfig } from '../config.ts'
import type { GatewayContext } from '../context.ts'
import type { CheckOperation, OperationRequest } from '../limits/operation-check.ts'
import type { AdmitOperation, RateCaller } from '../limits/operation-rate.ts'

const maxBodyBytes = 100_000

export interface HttpServerOptions {
  config: GatewayConfig
  apollo: ApolloServer<GatewayContext>
  identify: Identify
  admit: AdmitOperation
  check: CheckOperation
  ready: Readiness
  clientAddress(request: IncomingMessage): string
  errorReply: ErrorReply
}

/** The HTTP side: `/graphql` behind the limits, `/health`, and CORS for the allowed origins. It does not listen yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { config, apollo, identify, admit, check, ready, clientAddress, errorReply } = options
  const app = fastify({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
  })
  // JSON only: forms and plain text are what a foreign page can send without a preflight.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers['content-encoding']) return refuse(reply, 415, 'The body must not be compressed.')
  })
  app.setErrorHandler(async (error: Error & { statusCode?: number }, _, reply) => {
    if (error instanceof AppError) return reply.code(httpStatusOf(error)).send({ errors: [replyTo(errorReply, error)] })
    const status = error.statusCode ?? 500
    if (status < 500) return refuse(reply, status, error.message)
    return reply.code(500).send({ errors: [replyTo(errorReply, error)] })
  })
  if (config.allowedOrigins.length > 0) {
    // As a list it would send credentials' header to every origin.
    const isAllowed = async (origin: string | undefined) =>
      origin !== undefined && config.allowedOrigins.includes(origin)
    await app.register(cors, { origin: isAllowed, credentials: true })
  }
  addHealth(app, ready)
  const callers = new WeakMap<FastifyRequest, RateCaller>()
  endConnectionsOnClose(app)

  const limitRate = async (request: FastifyRequest) => {
    const clientIp = clientAddress(request.raw)
    // A bad token is refused here, once, and not by each subgraph for its part; guessing tokens counts too.
    const viewer = await identify(request.headers.authorization).catch(async (error) => {
      await admit({ clientIp })
      throw error
    })
    const caller = viewer === 'anonymous' ? { clientIp } : { clientIp, userId: viewer.userId }
    callers.set(request, caller)
    await admit(caller)
  }
  const limitShape = async (request: FastifyRequest, reply: FastifyReply) => {
    const asked = operationIn(request)
    // A browser that opens the page is shown Apollo Sandbox, or nothing.
    if (asked === undefined) return
    if (Array.isArray(asked)) return refuse(reply, 400, 'One operation a request: batches are not served.')
    try {
      const { operation, calls } = check(asked)
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) return refuse(reply, 400, 'Subscribe over WebSocket.')
      const caller = callers.get(request)
      if (caller && calls > 1) await admit(caller, calls - 1)
    } catch (error) {
      const status = error instanceof AppError ? httpStatusOf(error) : 400
      return reply.code(status).send({ errors: [replyTo(errorReply, error)] })
    }
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: [limitRate, limitShape],
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply): Promise<GatewayContext> => {
        const { authorization, cookie, 'user-agent': userAgent } = request.headers
        return {
          authorization,
          cookies: cookie,
          userAgent,
          clientIp: clientAddress(request.raw),
          signal: AbortSignal.timeout(config.operationTimeout),
          setCookie: (value) => void reply.header('set-cookie', value),
        }
      },
    }),
  })
  return app
}

/** What the request asks for; undefined for a GET that asks for nothing. */
function operationIn(request: FastifyRequest): OperationRequest | unknown[] | undefined {
  if (request.method === 'POST') return (request.body ?? {}) as OperationRequest | unknown[]
  const { query, operationName, variables } = request.query as Record<string, string | undefined>
  if (query === undefined) return undefined
  return { query, operationName, variables: variables ? parseVariables(variables) : undefined }
}

function parseVariables(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError('BAD_USER_INPUT', 'variables: must be JSON', { field: 'variables' })
  }
}

const refuse = (reply: FastifyReply, status: number, message: string) =>
  reply.code(status).send({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] })
