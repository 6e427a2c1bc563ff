import type { ApolloServer } from '@apollo/server'
import { type ExecutionResult, type GraphQLFormattedError, OperationTypeNode } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { addressGroup } from '../../../platform/http/address-group.ts'
import type { GatewayContext } from '../../context.ts'
import type { AdmitOperation } from '../../limits/admit-operation.ts'
import type { OperationRate } from '../../limits/operation-rate.ts'
import { createReplyBudget } from '../../limits/reply-budget.ts'
import type { FederatedSubscriptions } from '../../subscriptions/federated-subscription.ts'
import type { FrameSink } from '../../subscriptions/sharing/frames.ts'
import type { FairTurns } from '../../turns/fair-turns.ts'
import { ownerOf } from '../../turns/owner.ts'
import type { OpeningLimit } from '../opening-limit.ts'
import { silentStream } from './silent-stream.ts'

export interface OperationRunnerOptions {
  apollo: ApolloServer<GatewayContext>
  subscriptions: FederatedSubscriptions
  operationTimeout: number
  /** How many bytes the replies of subgraphs to one operation may have together. */
  maxResponseBytes: number
  admit: AdmitOperation
  rate: Pick<OperationRate, 'take'>
  /** Callers take turns with planning, too. */
  turns: FairTurns
  openings: OpeningLimit
}

/** What goes along with the operations of a socket. */
export type SocketCaller = Omit<GatewayContext, 'signal' | 'replies'>

/** The socket that an operation came by. */
export interface CallingSocket {
  socket: object
  /** Aborted when it has closed, or its client has completed the operation. */
  gone: AbortSignal
}

/** The result of an operation; of a subscription, a stream that ends with it and whose events go to the sink. */
export type Outcome = ExecutionResult | AsyncGenerator<never, void>

/** Thrown for what is refused before it is executed, with the errors as the client is to see them. */
export class RequestErrors extends Error {
  override name = 'RequestErrors'
  readonly errors: readonly GraphQLFormattedError[]

  constructor(errors: readonly GraphQLFormattedError[]) {
    super(errors[0]?.message ?? 'The request was refused')
    this.errors = errors
  }
}

/** Runs what comes in over a WebSocket: under the same limits, and on the same graph, as over HTTP. Throws what is wrong with it. */
export function createOperationRunner(options: OperationRunnerOptions) {
  const { apollo, subscriptions, operationTimeout, maxResponseBytes, admit, rate, turns, openings } = options
  return async (
    payload: SubscribePayload,
    userId: string,
    context: SocketCaller,
    sink: FrameSink,
    { socket, gone }: CallingSocket,
  ): Promise<Outcome> => {
    const caller = { userId, clientIp: context.clientIp }
    const { query, variables } = payload
    const operationName = payload.operationName ?? undefined
    const timeout = AbortSignal.timeout(operationTimeout)
    const waited = AbortSignal.any([timeout, gone])
    const { document, operation } = await admit({ query, operationName, variables }, caller, waited)
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const contextValue = {
        ...context,
        // A mutation that has begun is made, whoever waits for its answer.
        signal: operation.operation === OperationTypeNode.QUERY ? waited : timeout,
        replies: createReplyBudget(maxResponseBytes),
      }
      const request = { query, operationName, variables: variables ?? undefined }
      const execute = () => apollo.executeOperation(request, { contextValue })
      const { body } = await turns.run(ownerOf(caller), execute, { signal: contextValue.signal })
      if (body.kind === 'incremental') throw new Error('Incremental results are not served over WebSocket')
      const { data, errors } = body.singleResult
      // Without data it was not executed (GraphQL, 7.1.2): it was not valid, or its variables were not.
      if (data === undefined && errors?.length) throw new RequestErrors(errors)
      return body.singleResult as ExecutionResult
    }
    const address = addressGroup(context.clientIp ?? null)
    const start = async () =>
      subscriptions.follow({
        document,
        operationName,
        variables: variables ?? {},
        context,
        userId,
        address,
        sink,
        turn: (catchesUp, signal) => openings.turn({ socket, userId, address }, catchesUp, signal),
        takePoints: (points) => rate.take(caller, points),
      })
    const following = await turns.run(ownerOf(caller), start, { signal: waited })
    return silentStream(following)
  }
}

export type RunOperation = ReturnType<typeof createOperationRunner>
