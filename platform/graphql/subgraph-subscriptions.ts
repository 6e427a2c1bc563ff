import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse, validate } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { refuseUpgrade } from '../http/refuse-upgrade.ts'
import type { GatewayWord } from '../identity/identify.ts'
import type { Closable } from '../lifecycle/resources.ts'
import { asGraphqlError, type ErrorReply, replyTo } from './error-reply.ts'
import { createResponseMeter, defaultMaxResponseBytes, withMeter } from './response-meter.ts'
import { subscribeWithPlaces } from './resumable.ts'

export interface SubscriptionServerOptions {
  server: Server
  schema: GraphQLSchema
  errorReply: ErrorReply
  /** Decides on the upgrade request, before anything is parsed: the headers of a refusal with 401, undefined when there is none. */
  refuses(request: IncomingMessage): Record<string, string> | undefined
  /** Whether access tokens can be verified; an upgrade gets 503 while they cannot. */
  canVerify(): boolean
  /** The context of one operation, from its `extensions`: one socket carries many viewers. */
  context(word: GatewayWord): Promise<object>
}

/** Serves a subgraph's operations to the gateway over graphql-transport-ws on `/graphql`. */
export function serveSubscriptions({
  server,
  schema,
  errorReply,
  refuses,
  canVerify,
  context,
}: SubscriptionServerOptions): Closable {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 5_000_000, perMessageDeflate: false })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/graphql') return refuseUpgrade(socket, 404)
    const refusal = refuses(request)
    if (refusal) return refuseUpgrade(socket, 401, { headers: refusal })
    if (!canVerify()) return refuseUpgrade(socket, 503)
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  }
  server.on('upgrade', upgrade)
  const formatted = (errors: readonly (GraphQLError | GraphQLFormattedError)[]) =>
    errors.map((error) => replyTo(errorReply, error))
  const graphql = useServer(
    {
      // A throw in here would close the socket, and every other viewer's subscription with it.
      onSubscribe: async (_, __, payload) => {
        try {
          // It is kept for as long as the subscription runs.
          const document = parse(payload.query, { noLocation: true })
          const errors = validate(schema, document)
          if (errors.length > 0) return errors
          const contextValue = await context(payload.extensions ?? {})
          return {
            schema,
            document,
            operationName: payload.operationName,
            variableValues: payload.variables,
            contextValue,
          }
        } catch (error) {
          return [asGraphqlError(error)]
        }
      },
      subscribe: (args) => subscribeWithPlaces(args, meteredContext),
      onError: (_, __, ___, errors) => formatted(errors),
      onNext: (_, __, ___, ____, result) => ({ ...result, ...(result.errors && { errors: formatted(result.errors) }) }),
    },
    sockets,
  )
  return {
    async close() {
      server.off('upgrade', upgrade)
      await graphql.dispose()
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

/** Each event is a response of its own, and bounded as such. */
const meteredContext = (context: unknown) => withMeter(context as object, createResponseMeter(defaultMaxResponseBytes))
