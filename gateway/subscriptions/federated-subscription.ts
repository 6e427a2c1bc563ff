import { type DocumentNode, validate } from 'graphql'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { GatewayContext } from '../context.ts'
import type { Graph } from '../graph/graph.ts'
import type { Graphs } from '../graph/graphs.ts'
import type { CompleteEvent } from './complete-event.ts'
import { type Following, follow, type RunnableSubscription } from './follow.ts'
import { createSubscriptionPlanner } from './planning/planned-subscription.ts'
import type { FrameSink } from './sharing/frames.ts'
import { createSharedStreams, type SharingOptions } from './sharing/shared-streams.ts'
import type { SubgraphStream } from './subgraph-stream.ts'
import { openUpstream } from './upstream.ts'

export interface FederatedSubscriptions {
  /** Writes the events of a subscription, each with the fields of every subgraph, in the order of its upstream. */
  follow(request: SubscriptionRequest): Following
  close(): Promise<void>
}

export interface SubscriptionRequest {
  /** Valid on the current graph. */
  document: DocumentNode
  operationName: string | undefined
  /** As the operation declares them. */
  variables: Record<string, unknown>
  /** Read anew for each call to a subgraph: a token that the socket brought meanwhile counts. */
  context: Omit<GatewayContext, 'signal'>
  userId: string
  sink: FrameSink
  /** Waits until one more upstream may be opened; gives what to call when the client has had its first event. */
  turn(): Promise<() => void>
}

export interface FederatedSubscriptionsOptions {
  graphs: Graphs
  streams: Record<string, SubgraphStream>
  complete: CompleteEvent
  /** How much of an upstream may wait for its reader, in bytes. */
  maxBacklogBytes: number
  sharing: SharingOptions
  metrics: Metrics
}

/** What a shared stream tells the subgraphs of who asks: everyone who is entitled to it. */
const everyone: { viewer: 'everyone' } = { viewer: 'everyone' }

/** Runs subscriptions across subgraphs: an upstream at the primary one, each event completed by the rest, equal ones shared. */
export function createFederatedSubscriptions(options: FederatedSubscriptionsOptions): FederatedSubscriptions {
  const { graphs, streams, complete, maxBacklogBytes, sharing, metrics } = options
  const running = new Set<Following>()
  const ends = metrics.counter('parley_shared_stream_ends_total', 'Shared streams that ended, by why', ['why'])
  const serve = (graph: Graph) => ({
    graph,
    plan: createSubscriptionPlanner(graph),
    shared: createSharedStreams(sharing, (why) => ends.add({ why })),
  })
  let served = serve(graphs.current())
  const gauge = (name: string, help: string, read: (counts: ReturnType<typeof served.shared.counts>) => number) =>
    metrics.gauge(name, help, () => read(served.shared.counts()))
  gauge('parley_private_streams', 'Subscriptions with an upstream of their own', (at) => running.size - at.listeners)
  gauge('parley_shared_streams', 'Upstreams that subscriptions share', ({ streams }) => streams)
  gauge('parley_shared_listeners', 'Subscriptions that share an upstream', ({ listeners }) => listeners)
  gauge('parley_shared_ring_bytes', 'Bytes in the rings of shared streams', ({ ringBytes }) => ringBytes)
  const stopWatching = graphs.onChange((graph) => {
    const { shared } = served
    served = serve(graph)
    for (const each of running) each.move()
    shared.move()
  })

  const prepare = (request: SubscriptionRequest): RunnableSubscription => {
    const { document, operationName, variables, context, userId, sink } = request
    const { graph, plan, shared } = served
    const [problem] = validate(graph.schema, document)
    if (problem) throw problem
    const planned = plan(document, operationName)
    const { node, resumable } = planned
    const stream = streams[node.primary.serviceName]
    if (!stream) throw new Error(`There is no stream to subgraph "${node.primary.serviceName}"`)

    const open = (extensions: Record<string, unknown>, after: string | undefined) => {
      const { operation: query, operationName, variableUsages = [] } = node.primary
      const all = { ...variables, ...(resumable && { [resumable.variable]: after }) }
      const used = Object.entries(all).filter(([name]) => variableUsages.includes(name))
      return openUpstream(
        stream,
        { query, operationName, variables: Object.fromEntries(used), extensions },
        maxBacklogBytes,
      )
    }
    const key = resumable?.keyOf(variables)
    return {
      resumable: resumable !== undefined,
      open: (after) => open({ authorization: context.authorization }, after),
      toPayload: (event) => complete(planned, event, { variables, context }),
      ...(key && {
        join: (cursor) =>
          shared.join({
            key,
            cursor,
            subject: userId,
            sink,
            open: (after) => open(everyone, after),
            toPayload: (event) => complete(planned, event, { variables, context: everyone }),
          }),
      }),
    }
  }

  return {
    follow(request) {
      const { document, operationName, variables, userId, sink, turn } = request
      const after = served.plan(document, operationName).resumable?.cursorIn(variables)
      const { joinAgainAfter } = sharing
      const following = follow({ subject: userId, prepare: () => prepare(request), after, sink, joinAgainAfter, turn })
      running.add(following)
      const forget = () => void running.delete(following)
      following.ended.then(forget, forget)
      return following
    },
    async close() {
      stopWatching()
      for (const each of running) each.stop()
      served.shared.move()
      await Promise.all(Object.values(streams).map((stream) => stream.dispose()))
    },
  }
}
