import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, GraphQLSchema, parse } from 'graphql'
import { makeServer } from 'graphql-ws'
import { asGraphqlError, type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import { signedIn } from '../../platform/identity/viewer.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import type { OperationRate } from '../limits/operation-rate.ts'
import { limitRefusal, tooMany } from '../limits/refusals.ts'
import { GraphChanged } from '../subscriptions/follow.ts'
import { TooSlow, UpstreamErrors } from '../subscriptions/upstream.ts'
import { MessageSink } from './frames/message-sink.ts'
import type { ClientSocket, OpenedSocket } from './opened-socket.ts'
import { release } from './operations/incoming-message.ts'
import { OperationIds } from './operations/operation-ids.ts'
import { ProtocolSocket } from './operations/protocol-socket.ts'
import { RequestErrors, type RunOperation } from './operations/run-operation.ts'
import { createOperationAccount } from './operations/running-operations.ts'
import type { SessionWatch } from './session-watch.ts'
import { authorizationIn, createSignIn, type Params } from './sign-in.ts'

/** graphql-transport-ws on sockets of any library. */
export interface GraphqlSockets {
  /** Takes a socket that was opened. */
  opened(socket: ClientSocket): OpenedSocket
  /** Starts nothing more; resolves when every query and mutation that runs has been answered. */
  finish(opened: OpenedSocket): Promise<void>
  /** To be called when the socket was closed. */
  closed(opened: OpenedSocket, code: number, reason: string): Promise<void>
}

export interface GraphqlSocketsOptions {
  identify: Identify
  sessions: SessionWatch
  run: RunOperation
  errorReply: ErrorReply
  logger: Logger
  rate: OperationRate
  limits: SocketLimits
  countLimit: CountLimit
  metrics: Metrics
}

/** All that graphql-ws has to know of an operation. It keeps that for as long as one runs: they share it. */
const schema = new GraphQLSchema({})
const answer = { schema, document: parse('{ answer }') }
const stream = { schema, document: parse('subscription { stream }') }

export function createGraphqlSockets(options: GraphqlSocketsOptions): GraphqlSockets {
  const { identify, sessions, run, errorReply, logger, rate, limits, countLimit, metrics } = options
  const account = createOperationAccount(metrics)

  const signIn = createSignIn({ identify, sessions, rate, limits, countLimit, logger })
  const reply = (error: unknown): GraphQLFormattedError[] => {
    const cause = error instanceof GraphQLError ? error.originalError : undefined
    if (cause instanceof RequestErrors) return [...cause.errors]
    if (!(cause instanceof UpstreamErrors)) return [replyTo(errorReply, unwrapped(error))]
    return cause.errors.map(({ message, extensions }) => replyTo(errorReply, new GraphQLError(message, { extensions })))
  }

  const finish = async ({ socket, running }: OpenedSocket) => {
    socket.startNothing()
    await account.answered(running)
  }
  const dropSlow = (opened: OpenedSocket) => {
    if (!opened.isDropped) countLimit('backlog_bytes')
    opened.isDropped = true
    const reason = `The socket reads too slowly: more than ${limits.maxBacklogBytes} bytes wait (backlog_bytes). Reconnect`
    opened.socket.close(closeCodes.tooSlow, reason)
  }

  /** The error of an operation beyond what one socket may have. It costs what any refused request costs. */
  const refuseOne = async ({ socket, user }: OpenedSocket): Promise<unknown> => {
    countLimit('subscriptions_per_socket')
    const { subscriptionsPerSocket: allowed } = limits
    const caller = { clientIp: socket.clientIp, ...(user && { userId: user.userId }) }
    try {
      rate.refuseSpent(caller)
      await rate.take(caller)
      return tooMany(limitRefusal('subscriptions_per_socket', allowed + 1, allowed), 1, 'End one first.')
    } catch (error) {
      return error
    }
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
      const authorization = authorizationIn(payload)
      // The token that the socket has needs no check: the socket is closed when it runs out or its session ends.
      if (!extra.user || !authorization || authorization === extra.caller.authorization) return
      await signIn(extra, payload)
    },
    onSubscribe: async ({ extra }, id, payload) => {
      if (extra.running.kinds.size >= limits.subscriptionsPerSocket) {
        return [asGraphqlError(await refuseOne(extra))]
      }
      account.started(extra.running, id)
      try {
        const { userId } = signedIn(extra.user ?? 'anonymous')
        const sink = new MessageSink(extra.socket, extra.running.ids.clientIdOf(id) ?? '')
        extra.running.ids.setSink(id, sink)
        const left = new AbortController()
        extra.leaving.set(id, left)
        const from = { socket: extra.socket, gone: AbortSignal.any([extra.gone.signal, left.signal]) }
        const outcome = await run(payload, userId, extra.caller, sink, from).finally(() => extra.leaving.delete(id))
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
      if (causes.some((cause) => cause instanceof TooSlow)) dropSlow(extra)
      // Its client would not know what became of a mutation that was cut.
      if (causes.some((cause) => cause instanceof GraphChanged))
        void finish(extra).then(() => extra.socket.close(closeCodes.goingAway, 'The graph has changed: reconnect'))
      return errors.flatMap(reply)
    },
  })
  return {
    opened(socket) {
      const { clientIp, userAgent } = socket
      const running = { ids: new OperationIds(), kinds: new Map() }
      const [gone, leaving] = [new AbortController(), new Map<string, AbortController>()]
      const opened: OpenedSocket = { socket, running, caller: { clientIp, userAgent }, gone, leaving }
      const onCompleted = (id: string) => {
        leaving.get(id)?.abort()
        account.completed(running, id)
      }
      opened.tellClosed = server.opened(new ProtocolSocket({ socket, ids: running.ids, onCompleted }), opened)
      return opened
    },
    finish,
    async closed(opened, code, reason) {
      const { socket, tellClosed } = opened
      opened.tellClosed = undefined
      sessions.forget(socket)
      opened.gone.abort()
      await tellClosed?.(code, reason)
    },
  }
}

/** What a subscription ended with, such as that it is no longer valid on a new graph: graphql-ws puts an error of its own around it. */
const unwrapped = (error: unknown): unknown =>
  error instanceof GraphQLError &&
  error.originalError instanceof GraphQLError &&
  error.originalError.message === error.message
    ? error.originalError
    : error

const isStream = (outcome: ExecutionResult | AsyncGenerator<never, void>) => Symbol.asyncIterator in outcome
