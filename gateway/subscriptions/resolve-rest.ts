import type { GraphQLDataSource } from '@apollo/gateway'
import type { PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner'
import type { ExecutionResult } from 'graphql'
import type { Graph, PlannedOperation } from '../graph/graph.ts'

/**
 * Completes an event with the fields of other subgraphs. The public `executeQueryPlan` refuses subscriptions, so the plan is run
 * as a sequence in which the first answer of the primary's subgraph is the event itself.
 */
export function resolveRest(
  graph: Graph,
  { primary, rest }: SubscriptionNode,
  event: ExecutionResult,
  operation: PlannedOperation,
): Promise<ExecutionResult> {
  const nodes: PlanNode[] = rest ? [primary, rest] : [primary]
  const plan: QueryPlan = { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } }
  const source = operation.dataSources[primary.serviceName]
  if (!source) throw new Error(`There is no subgraph "${primary.serviceName}"`)
  let answered = false
  const eventFirst: GraphQLDataSource = {
    async process(request) {
      if (answered) return source.process(request)
      answered = true
      return { data: event.data as Record<string, unknown>, errors: event.errors }
    },
  }
  return graph.run(plan, { ...operation, dataSources: { ...operation.dataSources, [primary.serviceName]: eventFirst } })
}
