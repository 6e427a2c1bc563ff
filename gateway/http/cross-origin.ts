import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { refuse } from './answer-errors.ts'
import type { ClientConnection } from './client-connection.ts'
import type { Origins } from './origins.ts'

/** How long a browser may keep the answer to a preflight, in seconds: it asks before every other request otherwise. */
const preflightFor = 600

/**
 * CORS for pages of allowed origins, on every answer, errors included: to be called before any hook that may answer. A refused
 * preflight says what to set, because the browser tells its developer nothing but that a header is missing.
 */
export async function serveOtherOrigins(
  app: FastifyInstance,
  origins: Origins,
  connection: Pick<ClientConnection, 'host'>,
): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || origins.mayCall(origin, connection.host(request.raw))) return
    const message = origins.refusal(origin)
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    if (isPreflight) return refuse(reply.header('vary', 'Origin'), 403, message, { code: 'FORBIDDEN' })
  })
  await app.register(cors, {
    // As a list it would send the credentials' header to every origin.
    origin: async (origin: string | undefined) => origin !== undefined && origins.isAllowed(origin),
    credentials: true,
    methods: ['GET', 'POST'],
    exposedHeaders: ['retry-after'],
    maxAge: preflightFor,
    // What is no preflight is answered as any other method.
    strictPreflight: false,
  })
}
