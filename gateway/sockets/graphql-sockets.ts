import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { CloseCode, makeServer, type WebSocket as ProtocolSocket } from 'graphql-ws'
import { AppError, tooManyRequests } from '../../platform/errors/app-error.ts'
import { asGraphqlError, type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import { type SignedInUser, signedIn } from '../../platform/identity/viewer.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import { TooSlow, UpstreamErrors } from '../subscriptions/upstream.ts'
import type { RunOperation } from './run-operation.ts'
import type { SessionWatch } from './session-watch.ts'

/** A client's socket, as this protocol needs it. */
export interface ClientSocket extends ProtocolSocket {
  clientIp?: string
  userAgent?: string
}

/** graphql-transport-ws on sockets of any library. */
export interface GraphqlSockets {
  /** Takes a socket that was opened; call what it gives when the socket was closed. */
  opened(socket: ClientSocket): (code: number, reason: string) => Promise<void>
}

interface Extra {
  socket: ClientSocket
  /** The operations that have not ended. graphql-ws forgets one at `complete`, while its last event may still be on its way. */
  running: Set<string>
  closed?: boolean
  user?: SignedInUser
  authorization?: string
}

type Params = Record<string, unknown>

export interface GraphqlSocketsOptions {
  schema: GraphQLSchema
  identify: Identify
  sessions: SessionWatch
  run: RunOperation
  errorReply: ErrorReply
  logger: Logger
  limits: SocketLimits
}

/** How long the check of a token may take, in milliseconds, before the socket is closed instead of left hanging. */
const identifyDeadline = 2_000

export function createGraphqlSockets(options: GraphqlSocketsOptions): GraphqlSockets {
  const { schema, identify, sessions, run, errorReply, logger, limits } = options

  /** Ties the socket to the token's session, or closes it with the code that says what to do. */
  const signIn = async (extra: Extra, params: Params | undefined): Promise<void> => {
    const authorization = authorizationIn(params)
    try {
      const user = signedIn(
        await within(identifyDeadline, identify(authorization), 'The token could not be checked in time'),
      )
      if (extra.closed) return
      if (extra.user && extra.user.sessionId !== user.sessionId) {
        extra.socket.close(closeCodes.tokenNeeded, 'The token belongs to another session')
        return
      }
      if (!extra.user && sessions.countOf(user.userId) >= limits.socketsPerUser) {
        extra.socket.close(closeCodes.tooMany, 'Too many sockets')
        return
      }
      extra.user = user
      extra.authorization = authorization
      sessions.watch(extra.socket, user)
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') {
        extra.socket.close(closeCodes.tokenNeeded, error.message)
      } else {
        logger.warn({ err: error }, 'a socket could not be identified')
        extra.socket.close(closeCodes.tryAgainLater, 'Signing in is not possible right now')
      }
    }
  }

  const reply = (error: unknown): GraphQLFormattedError[] => {
    const cause = error instanceof GraphQLError ? error.originalError : undefined
    if (!(cause instanceof UpstreamErrors)) return [replyTo(errorReply, error)]
    return cause.errors.map(({ message, extensions }) => replyTo(errorReply, new GraphQLError(message, { extensions })))
  }

  const server = makeServer<Params, Extra>({
    connectionInitWaitTimeout: 5_000,
    onConnect: async ({ extra, connectionParams }) => {
      // A socket that was refused is closed already, with a better code than this library's.
      await signIn(extra, connectionParams)
      return true
    },
    onPing: async ({ extra }, payload) => {
      if (extra.user && authorizationIn(payload)) await signIn(extra, payload)
    },
    onSubscribe: async ({ extra }, id, payload) => {
      // graphql-ws would take the end of the operation before for the end of this one, and lose track of this one.
      if (extra.running.has(id)) {
        const problem = 'The operation before under this id has not ended'
        extra.socket.close(CloseCode.SubscriberAlreadyExists, problem)
        return [new GraphQLError(problem)]
      }
      if (extra.running.size >= limits.subscriptionsPerSocket) return [asGraphqlError(tooManyRequests(1))]
      extra.running.add(id)
      try {
        const { userId } = signedIn(extra.user ?? 'anonymous')
        const { document, operationName, outcome } = await run(payload, userId, callerOf(extra))
        return { schema, document, operationName, contextValue: outcome }
      } catch (error) {
        extra.running.delete(id)
        return [asGraphqlError(error)]
      }
    },
    onComplete: ({ extra }, id) => void extra.running.delete(id),
    // What runs has been started above; graphql-ws only has to send it.
    execute: ({ contextValue }) => contextValue as ExecutionResult,
    subscribe: ({ contextValue }) => contextValue as AsyncGenerator<ExecutionResult, void>,
    onNext: (_, __, ___, ____, result) => {
      const errors = result.errors?.flatMap((error) => (error instanceof GraphQLError ? reply(error) : [error]))
      return { ...result, ...(errors && { errors }) } as ExecutionResult
    },
    onError: ({ extra }, _, __, errors) => {
      if (errors.some((error) => error instanceof GraphQLError && error.originalError instanceof TooSlow)) {
        extra.socket.close(closeCodes.tooSlow, 'The socket reads too slowly: reconnect and resume')
      }
      return errors.flatMap(reply)
    },
  })
  return {
    opened(socket) {
      const extra: Extra = { socket, running: new Set() }
      const closed = server.opened(socket, extra)
      return async (code, reason) => {
        extra.closed = true
        sessions.forget(socket)
        await closed(code, reason)
      }
    },
  }
}

/** Read anew for each event of a subscription: a token that the socket brought meanwhile counts. */
const callerOf = (extra: Extra) => ({
  get authorization() {
    return extra.authorization
  },
  clientIp: extra.socket.clientIp,
  userAgent: extra.socket.userAgent,
})

/** The `authorization` of a payload, in any case. */
function authorizationIn(params: Params | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  return typeof value === 'string' ? value : undefined
}
