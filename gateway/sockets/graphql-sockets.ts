import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, GraphQLSchema, parse } from 'graphql'
import { CloseCode, makeServer, type WebSocket as ProtocolSocket } from 'graphql-ws'
import { AppError, tooManyRequests } from '../../platform/errors/app-error.ts'
import { asGraphqlError, type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import { type SignedInUser, signedIn } from '../../platform/identity/viewer.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { GraphChanged } from '../subscriptions/follow.ts'
import type { FrameSink } from '../subscriptions/sharing/frames.ts'
import { TooSlow, UpstreamErrors } from '../subscriptions/upstream.ts'
import { release } from './incoming-message.ts'
import type { RunOperation, SocketCaller } from './run-operation.ts'
import { createOperationAccount, type RunningOperations } from './running-operations.ts'
import type { SessionWatch } from './session-watch.ts'

/** A client's socket, as this protocol needs it. */
export interface ClientSocket extends ProtocolSocket {
  clientIp?: string
  userAgent?: string
  /** Lets no more operations through. */
  startNothing(): void
  /** Sends a text frame of ready bytes, in its order among what `send` is given. All frames of one tick leave in one write. */
  sendBytes(...message: Buffer[]): void
  /** Whether bytes wait that the peer has not taken: write no more. */
  isCongested(): boolean
  /** Calls the listener once, when nothing waits any more or the socket has closed. */
  onceDrained(listener: () => void): void
}

/** graphql-transport-ws on sockets of any library. */
export interface GraphqlSockets {
  /** Takes a socket that was opened. */
  opened(socket: ClientSocket): OpenedSocket
  /** Starts nothing more; resolves when every query and mutation that runs has been answered. */
  finish(opened: OpenedSocket): Promise<void>
  /** To be called when the socket was closed. */
  closed(opened: OpenedSocket, code: number, reason: string): Promise<void>
}

/** What is known of a socket. */
export interface OpenedSocket {
  socket: ClientSocket
  running: RunningOperations
  /** One for all operations: a token that the socket brings later counts for those that run, too. */
  caller: SocketCaller
  user?: SignedInUser
  /** What graphql-ws wants to be told when it was closed; gone when it has been. */
  tellClosed?: (code: number, reason: string) => Promise<void>
}

type Params = Record<string, unknown>

export interface GraphqlSocketsOptions {
  identify: Identify
  sessions: SessionWatch
  run: RunOperation
  errorReply: ErrorReply
  logger: Logger
  limits: SocketLimits
  countLimit: CountLimit
  metrics: Metrics
}

/** How long the check of a token may take, in milliseconds, before the socket is closed instead of left hanging. */
const identifyDeadline = 2_000

/** All that graphql-ws has to know of an operation. It keeps that for as long as one runs: they share it. */
const schema = new GraphQLSchema({})
const answer = { schema, document: parse('{ answer }') }
const stream = { schema, document: parse('subscription { stream }') }

export function createGraphqlSockets(options: GraphqlSocketsOptions): GraphqlSockets {
  const { identify, sessions, run, errorReply, logger, limits, countLimit, metrics } = options
  const account = createOperationAccount(metrics)

  /** Ties the socket to the token's session, or closes it with the code that says what to do. */
  const signIn = async (extra: OpenedSocket, params: Params | undefined): Promise<void> => {
    const authorization = authorizationIn(params)
    try {
      const user = signedIn(
        await within(identifyDeadline, identify(authorization), 'The token could not be checked in time'),
      )
      if (!extra.tellClosed) return
      if (extra.user && extra.user.sessionId !== user.sessionId) {
        extra.socket.close(closeCodes.tokenNeeded, 'The token belongs to another session')
        return
      }
      if (!extra.user && sessions.countOf(user.userId) >= limits.socketsPerUser) {
        countLimit('sockets_per_user')
        extra.socket.close(closeCodes.tooMany, 'Too many sockets')
        return
      }
      extra.user = user
      extra.caller.authorization = authorization
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
    // A subscription may end as no longer valid, on a new graph.
    if (!(cause instanceof UpstreamErrors)) return [replyTo(errorReply, cause instanceof GraphQLError ? cause : error)]
    return cause.errors.map(({ message, extensions }) => replyTo(errorReply, new GraphQLError(message, { extensions })))
  }

  const server = makeServer<Params, OpenedSocket>({
    connectionInitWaitTimeout: 5_000,
    onConnect: async (context) => {
      // A socket that was refused is closed already, with a better code than this library's.
      await signIn(context.extra, context.connectionParams)
      release(context, 'connectionParams')
      return true
    },
    onPing: async ({ extra }, payload) => {
      if (extra.user && authorizationIn(payload)) await signIn(extra, payload)
    },
    onSubscribe: async ({ extra }, id, payload) => {
      // graphql-ws would take the end of the operation before for the end of this one, and lose track of this one.
      if (extra.running.kinds.has(id)) {
        const problem = 'The operation before under this id has not ended'
        extra.socket.close(CloseCode.SubscriberAlreadyExists, problem)
        return [new GraphQLError(problem)]
      }
      if (extra.running.kinds.size >= limits.subscriptionsPerSocket) {
        countLimit('subscriptions_per_socket')
        return [asGraphqlError(tooManyRequests(1))]
      }
      account.started(extra.running, id)
      try {
        const { userId } = signedIn(extra.user ?? 'anonymous')
        const outcome = await run(payload, userId, extra.caller, new MessageSink(extra.socket, id))
        release(payload, 'query', 'variables', 'extensions')
        if (!isStream(outcome)) return { ...answer, contextValue: outcome }
        account.streams(extra.running, id)
        return { ...stream, contextValue: outcome }
      } catch (error) {
        account.ended(extra.running, id)
        return [asGraphqlError(error)]
      }
    },
    onComplete: ({ extra }, id) => account.ended(extra.running, id),
    // What runs has been started above; graphql-ws only has to send it.
    execute: ({ contextValue }) => contextValue as ExecutionResult,
    subscribe: ({ contextValue }) => contextValue as AsyncGenerator<never, void>,
    onNext: (_, __, ___, ____, result) => {
      const errors = result.errors?.flatMap((error) => (error instanceof GraphQLError ? reply(error) : [error]))
      return { ...result, ...(errors && { errors }) } as ExecutionResult
    },
    onError: ({ extra }, _, __, errors) => {
      const causes = errors.map((error) => (error instanceof GraphQLError ? error.originalError : undefined))
      if (causes.some((cause) => cause instanceof TooSlow)) {
        countLimit('backlog_bytes')
        extra.socket.close(closeCodes.tooSlow, 'The socket reads too slowly: reconnect and resume')
      }
      if (causes.some((cause) => cause instanceof GraphChanged)) {
        // Its client would not know what became of a mutation.
        void account
          .answered(extra.running)
          .then(() => extra.socket.close(closeCodes.goingAway, 'The graph has changed: reconnect'))
      }
      return errors.flatMap(reply)
    },
  })
  return {
    opened(socket) {
      const { clientIp, userAgent } = socket
      const opened: OpenedSocket = { socket, running: { kinds: new Map() }, caller: { clientIp, userAgent } }
      opened.tellClosed = server.opened(socket, opened)
      return opened
    },
    async finish({ socket, running }) {
      socket.startNothing()
      await account.answered(running)
    },
    async closed(opened, code, reason) {
      const { socket, tellClosed } = opened
      opened.tellClosed = undefined
      sessions.forget(socket)
      await tellClosed?.(code, reason)
    },
  }
}

const isStream = (outcome: ExecutionResult | AsyncGenerator<never, void>) => Symbol.asyncIterator in outcome

/** Where the events of an operation go: as messages of ready bytes. A class, because there is one for each subscription. */
class MessageSink implements FrameSink {
  readonly #socket: ClientSocket
  readonly #head: Buffer

  constructor(socket: ClientSocket, id: string) {
    this.#socket = socket
    this.#head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  }

  write(payload: Buffer): void {
    this.#socket.sendBytes(this.#head, payload, messageEnd)
  }

  isCongested(): boolean {
    return this.#socket.isCongested()
  }

  onceDrained(listener: () => void): void {
    this.#socket.onceDrained(listener)
  }
}

const messageEnd = Buffer.from('}')

/** The `authorization` of a payload, in any case. */
function authorizationIn(params: Params | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  return typeof value === 'string' ? value : undefined
}
