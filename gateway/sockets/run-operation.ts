import type { ApolloServer } from '@apollo/server'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getVariableValues,
  type OperationDefinitionNode,
  OperationTypeNode,
  validate,
} from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import type { OperationLimits } from '../config.ts'
import type { GatewayContext } from '../context.ts'
import type { Graph } from '../graph.ts'
import { checkOperation } from '../limits/operation-check.ts'
import type { AdmitOperation } from '../limits/operation-rate.ts'
import type { FederatedSubscriptions } from '../subscriptions/federated-subscription.ts'
import type { OpeningLimit } from './opening-limit.ts'

export interface OperationRunnerOptions {
  graph: Graph
  apollo: ApolloServer<GatewayContext>
  subscriptions: FederatedSubscriptions
  limits: OperationLimits
  development: boolean
  operationTimeout: number
  admit: AdmitOperation
  openings: OpeningLimit
}

/** What goes along with the operations of a socket. */
export type SocketCaller = Omit<GatewayContext, 'signal'>

/** An operation and its result, or its stream of results. */
export interface RunningOperation {
  document: DocumentNode
  operationName: string | undefined
  outcome: ExecutionResult | AsyncGenerator<ExecutionResult, void>
}

/** Runs what comes in over a WebSocket: under the same limits, and on the same graph, as over HTTP. Throws what is wrong with it. */
export function createOperationRunner(options: OperationRunnerOptions) {
  const { graph, apollo, subscriptions, limits, development, operationTimeout, admit, openings } = options
  return async (payload: SubscribePayload, userId: string, context: SocketCaller): Promise<RunningOperation> => {
    const caller = { userId, clientIp: context.clientIp }
    await admit(caller)
    const { query, variables } = payload
    const operationName = payload.operationName ?? undefined
    const { document, operation, calls } = checkOperation({ query, operationName, variables }, limits, development)
    if (calls > 1) await admit(caller, calls - 1)
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const contextValue = { ...context, signal: AbortSignal.timeout(operationTimeout) }
      const { body } = await apollo.executeOperation(
        { query, operationName, variables: variables ?? undefined },
        { contextValue },
      )
      if (body.kind === 'incremental') throw new Error('Incremental results are not served over WebSocket')
      return { document, operationName, outcome: body.singleResult as ExecutionResult }
    }
    const [problem] = validate(graph.schema, document)
    if (problem) throw problem
    const events = subscriptions.subscribe({
      document,
      operationName,
      variables: coerced(graph, operation, variables ?? {}),
      context,
    })
    return { document, operationName, outcome: openings.gate(userId, events) }
  }
}

export type RunOperation = ReturnType<typeof createOperationRunner>

/** The variables as the operation declares them: checked here, because the subgraph would close the stream over a wrong one. */
function coerced(
  { schema }: Graph,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const { errors, coerced: values } = getVariableValues(schema, variableDefinitions, given)
  if (errors) throw errors[0] ?? new GraphQLError('The variables are not valid')
  return values
}
