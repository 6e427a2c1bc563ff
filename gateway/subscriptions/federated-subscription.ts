import type { GraphQLDataSource } from '@apollo/gateway'
import type { DocumentNode, ExecutionResult } from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'
import { mapStream } from '../../platform/streams/map-stream.ts'
import type { GatewayContext } from '../context.ts'
import type { Graph } from '../graph.ts'
import { resolveRest } from './resolve-rest.ts'
import { skipWhileSlow } from './skip-while-slow.ts'
import type { SubgraphStream } from './subgraph-stream.ts'
import { openUpstream, UpstreamErrors } from './upstream.ts'

export interface FederatedSubscriptions {
  /** The events of a subscription, each with the fields of every subgraph, in the order of the upstream. */
  subscribe(request: SubscriptionRequest): AsyncGenerator<ExecutionResult, void>
  close(): Promise<void>
}

export interface SubscriptionRequest {
  document: DocumentNode
  operationName: string | undefined
  variables: Record<string, unknown>
  context: Omit<GatewayContext, 'signal'>
}

export interface FederatedSubscriptionsOptions {
  graph: Graph
  dataSources: Record<string, GraphQLDataSource>
  streams: Record<string, SubgraphStream>
  /** How much of an upstream may wait for a slow reader, in bytes. */
  maxBacklogBytes: number
  /** How long one call to another subgraph may take, in milliseconds; after two the event goes out without its fields. */
  restTimeout: number
}

/** Plans a subscription as a primary upstream and the rest, and completes every event with the rest. */
export function createFederatedSubscriptions(options: FederatedSubscriptionsOptions): FederatedSubscriptions {
  const { graph, dataSources, streams, maxBacklogBytes, restTimeout } = options
  const patient = Object.fromEntries(
    Object.entries(dataSources).map(([name, source]) => [name, skipWhileSlow(source, restTimeout)]),
  )
  return {
    subscribe({ document, operationName, variables, context }) {
      const { node } = graph.plan(document, operationName)
      // `@skip` or `@include` may have left nothing to subscribe to.
      if (node?.kind !== 'Subscription') throw badInput('query', 'must subscribe to a field')
      const { primary } = node
      const stream = streams[primary.serviceName]
      if (!stream) throw new Error(`There is no stream to subgraph "${primary.serviceName}"`)
      const used = Object.entries(variables).filter(([name]) => primary.variableUsages?.includes(name))
      const upstream = openUpstream(
        stream,
        {
          query: primary.operation,
          operationName: primary.operationName,
          variables: Object.fromEntries(used),
          extensions: { authorization: context.authorization },
        },
        maxBacklogBytes,
      )
      return mapStream(upstream, async (event) => {
        // Each call to another subgraph has a time of its own.
        const signal = new AbortController().signal
        const operation = { document, operationName, variables, dataSources: patient, context: { ...context, signal } }
        const result = event.data ? await resolveRest(graph, node, event, operation) : event
        // Skipping an event would be a hole that nobody sees: the stream ends instead, and a client that resumes gets it again.
        if (!result.data) throw new UpstreamErrors(result.errors ?? [])
        return result
      })
    },
    async close() {
      await Promise.all(Object.values(streams).map((stream) => stream.dispose()))
    },
  }
}
