import type { DocumentNode, ExecutionResult } from 'graphql'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { GatewayContext } from '../context.ts'
import type { Graph } from '../graph/graph.ts'
import type { Graphs } from '../graph/graphs.ts'
import { problemOf } from '../limits/validate-once.ts'
import type { CompleteEvent } from './complete-event.ts'
import { type Following, type FollowOptions, follow } from './follow.ts'
import { createSubscriptionPlanner, type PlannedSubscription } from './planning/planned-subscription.ts'
import type { RunnableSubscription } from './runnable-subscription.ts'
import { createCompleteOnce } from './sharing/completed-events.ts'
import type { FrameSink } from './sharing/frames.ts'
import { createSharedStreams, type SharingOptions } from './sharing/shared-streams.ts'
import type { SubgraphStream } from './subgraph-stream.ts'
import { type Backlog, openUpstream } from './upstream.ts'

export interface FederatedSubscriptions {
  /**
   * Writes the events of a subscription, each with the fields of every subgraph, in the order of its upstream. Throws what is wrong
   * with its variables.
   */
  follow(request: SubscriptionRequest): Following
  close(): Promise<void>
}

export interface SubscriptionRequest {
  /** Valid on the current graph. */
  document: DocumentNode
  operationName: string | undefined
  variables: Record<string, unknown>
  /** Read anew for each call to a subgraph: a token that the socket brought meanwhile counts. */
  context: Omit<GatewayContext, 'signal'>
  userId: string
  sink: FrameSink
  /** See `FollowOptions`. */
  turn: FollowOptions['turn']
}

export interface FederatedSubscriptionsOptions {
  graphs: Graphs
  streams: Record<string, SubgraphStream>
  complete: CompleteEvent
  /** How much of an upstream may wait for its reader, in bytes. */
  maxBacklogBytes: number
  /** How long a client's own upstream may take to tell where it stands, in milliseconds; of fields that can be resumed. */
  openingTimeout: number
  sharing: SharingOptions
  metrics: Metrics
  logger: Logger
}

/** What a shared stream tells the subgraphs of who asks: everyone who is entitled to it. */
const everyone: { viewer: 'everyone' } = { viewer: 'everyone' }

/** Runs subscriptions across subgraphs: an upstream at the primary one, each event completed by the rest, equal ones shared. */
export function createFederatedSubscriptions(options: FederatedSubscriptionsOptions): FederatedSubscriptions {
  const { graphs, streams, complete, maxBacklogBytes, openingTimeout, sharing, metrics, logger } = options
  const running = new Set<Following>()
  const backlog: Backlog = { bytes: 0 }
  const ends = metrics.counter('parley_shared_stream_ends_total', 'Shared streams that ended, by why', ['why'])
  const serve = (graph: Graph) => ({
    graph,
    plan: createSubscriptionPlanner(graph),
    shared: createSharedStreams(sharing, (why, error) => {
      ends.add({ why })
      if (error !== undefined) logger.warn({ err: error, why }, 'a shared stream ended')
    }),
    completeOnce: createCompleteOnce(sharing.completed),
  })
  let served = serve(graphs.current())
  const gauge = (name: string, help: string, read: (counts: ReturnType<typeof served.shared.counts>) => number) =>
    metrics.gauge(name, help, () => read(served.shared.counts()))
  metrics.gauge('parley_upstream_backlog_bytes', 'Bytes of events that wait to be completed', () => backlog.bytes)
  gauge('parley_private_streams', 'Subscriptions that share no upstream now', (at) => running.size - at.listeners)
  gauge('parley_shared_streams', 'Upstreams that subscriptions share', ({ streams }) => streams)
  gauge('parley_shared_listeners', 'Subscriptions that share an upstream', ({ listeners }) => listeners)
  gauge('parley_shared_ring_bytes', 'Bytes in the rings of shared streams', ({ ringBytes }) => ringBytes)
  const stopWatching = graphs.onChange((graph) => {
    const { shared } = served
    served = serve(graph)
    // First: whoever shared a stream comes back by and by.
    shared.move()
    for (const each of running) each.move()
  })

  /** What all who ask alike have in common. A shared stream keeps it: nothing in here may belong to one client. */
  const common = (planned: PlannedSubscription, variables: Record<string, unknown>) => {
    const { node, resumable } = planned
    const stream = streams[node.primary.serviceName]
    if (!stream) throw new Error(`There is no stream to subgraph "${node.primary.serviceName}"`)
    const { operation: query, operationName, variableUsages = [] } = node.primary
    return {
      open(extensions: Record<string, unknown>, after: string | undefined, beginsWithin?: number) {
        const all = { ...variables, ...(resumable && { [resumable.variable]: after }) }
        const used = Object.entries(all).filter(([name]) => variableUsages.includes(name))
        const payload = { query, operationName, variables: Object.fromEntries(used), extensions }
        return openUpstream(stream, payload, { maxBytes: maxBacklogBytes, backlog, beginsWithin })
      },
      toPayload: (event: ExecutionResult, context: SubscriptionRequest['context']) =>
        complete(planned, event, { variables, context }),
    }
  }
  const commonOfAll = (planned: PlannedSubscription, variables: Record<string, unknown>, key: string) => {
    const { completeOnce } = served
    const { open, toPayload } = common(planned, variables)
    return {
      open: (after: string) => open(everyone, after),
      toPayload: (event: ExecutionResult) => completeOnce(key, event, () => toPayload(event, everyone)),
    }
  }
  const prepare = (request: SubscriptionRequest): RunnableSubscription => {
    const { document, operationName, context, userId, sink } = request
    const { graph, plan, shared } = served
    const problem = problemOf(graph.schema, document)
    if (problem) throw problem
    const planned = plan(document, operationName)
    const variables = planned.variablesIn(request.variables)
    const own = common(planned, variables)
    const key = planned.resumable?.keyOf(variables)
    const forAll = key && commonOfAll(planned, variables, key)
    return {
      resumable: planned.resumable !== undefined,
      open: (after) => own.open({ authorization: context.authorization }, after, planned.resumable && openingTimeout),
      toPayload: forAll ? forAll.toPayload : (event) => own.toPayload(event, context),
      ...(forAll && { join: (cursor) => shared.join({ ...forAll, key, cursor, subject: userId, sink }) }),
    }
  }

  return {
    follow(request) {
      const { document, operationName, variables, userId, sink, turn } = request
      const planned = served.plan(document, operationName)
      const after = planned.resumable?.cursorIn(planned.variablesIn(variables))
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
