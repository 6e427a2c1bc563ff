import type { DocumentNode, ExecutionResult } from 'graphql'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { GatewayContext } from '../context.ts'
import type { Graph } from '../graph/graph.ts'
import type { Graphs } from '../graph/graphs.ts'
import { problemOf } from '../limits/validate-once.ts'
import type { FairTurns, TurnOwner } from '../turns/fair-turns.ts'
import { ownerOf, ownerOfStream } from '../turns/owner.ts'
import { createDistinctStreams, type StreamLimit, type StreamLimits } from './budgets/distinct-streams.ts'
import { createReplayCharge } from './budgets/replay-charge.ts'
import type { CompleteEvent } from './complete-event.ts'
import { type Following, type FollowOptions, follow } from './follow.ts'
import { createSubscriptionPlanner, type PlannedSubscription } from './planning/planned-subscription.ts'
import type { RunnableSubscription } from './runnable-subscription.ts'
import { createCompleteOnce } from './sharing/completed-events.ts'
import type { FrameSink } from './sharing/frames.ts'
import { createRingTotal } from './sharing/ring-total.ts'
import { createSharedStreams, type SharingOptions } from './sharing/shared-streams.ts'
import type { SubgraphStream } from './subgraph-stream.ts'
import { type Backlog, openUpstream } from './upstream.ts'

export interface FederatedSubscriptions {
  /**
   * Writes the events of a subscription, each with the fields of every subgraph, in the order of its upstream. Throws what is wrong
   * with its variables, `BAD_USER_INPUT` when it asks for another number of fields than one, and `TOO_MANY_REQUESTS` beyond a limit.
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
  /** The group of addresses that counts as one for the user's budgets. */
  address: string
  sink: FrameSink
  /** Waits until one more upstream may be opened, which catches up first or does not. Rejects when the signal aborts. */
  turn(catchesUp: boolean, signal: AbortSignal): ReturnType<FollowOptions['turn']>
  /** Takes points of the client. Throws `TOO_MANY_REQUESTS` when it has not that many left. */
  takePoints(points: number): Promise<void>
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
  /** How many different streams clients may follow. */
  streamLimits: StreamLimits
  countLimit(limit: StreamLimit): void
  /** Users, and shared streams, take turns with the events that are completed for them. */
  turns: FairTurns
  metrics: Metrics
  logger: Logger
}

/** What a shared stream tells the subgraphs of who asks: everyone who is entitled to it. */
const everyone: { viewer: 'everyone' } = { viewer: 'everyone' }

/** Runs subscriptions across subgraphs: an upstream at the primary one, each event completed by the rest, equal ones shared. */
export function createFederatedSubscriptions(options: FederatedSubscriptionsOptions): FederatedSubscriptions {
  const { graphs, streams, complete, maxBacklogBytes, openingTimeout, sharing, turns, metrics, logger } = options
  const distinct = createDistinctStreams({ limits: options.streamLimits, countLimit: options.countLimit, metrics })
  const running = new Set<Following>()
  const backlog: Backlog = { bytes: 0 }
  const ends = metrics.counter('parley_shared_stream_ends_total', 'Shared streams that ended, by why', ['why'])
  const replayed = metrics.counter('parley_replay_bytes_total', 'Bytes of events given to clients that catch up', [])
  const dropped = metrics.counter(
    'parley_shared_events_dropped_total',
    'Events that rings dropped, as all held too much',
    [],
  )
  const rings = createRingTotal(sharing.maxTotalBytes, (events) => dropped.add({}, events))
  const serve = (graph: Graph) => ({
    graph,
    planner: createSubscriptionPlanner(graph),
    shared: createSharedStreams(sharing, rings, (why, error) => {
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
      open(
        extensions: Record<string, unknown>,
        after: string | undefined,
        { beginsWithin, onOverflow = () => {} }: { beginsWithin?: number; onOverflow?(): void } = {},
      ) {
        const all = { ...variables, ...(resumable && { [resumable.variable]: after }) }
        const own = planned.graph.ownNames(planned.document, planned.operationName)
        const used = Object.entries(own?.variablesOf(all) ?? all).filter(([name]) => variableUsages.includes(name))
        const payload = { query, operationName, variables: Object.fromEntries(used), extensions }
        const waiting = partOf(backlog, maxBacklogBytes, onOverflow)
        return openUpstream(stream, payload, { maxBytes: maxBacklogBytes, backlog: waiting, beginsWithin })
      },
      toPayload: (event: ExecutionResult, context: SubscriptionRequest['context']) =>
        complete(planned, event, { variables, context }),
    }
  }
  const commonOfAll = (
    planned: PlannedSubscription,
    variables: Record<string, unknown>,
    key: string,
    owner: TurnOwner,
    pauses: boolean,
  ) => {
    const { completeOnce } = served
    const { open, toPayload } = common(planned, variables)
    return {
      open: (after: string) => open(everyone, after),
      // What only waits for its turn is nothing that others could wait for: it may be far behind in another owner's line.
      toPayload: (event: ExecutionResult, signal?: AbortSignal) =>
        turns.run(owner, () => completeOnce(key, event, () => toPayload(event, everyone)), { pauses, signal }),
    }
  }
  const prepare = (request: SubscriptionRequest): RunnableSubscription => {
    const { document, operationName, context, userId, sink } = request
    const { graph, planner, shared } = served
    const problem = problemOf(graph.schema, document)
    if (problem) throw problem
    const planned = planner.plan(document, operationName)
    const variables = planned.variablesIn(request.variables)
    const own = common(planned, variables)
    const identity = planned.identityOf(variables)
    const key = planned.resumable && identity?.isShareable ? identity.key : undefined
    const owner = ownerOf({ userId, clientIp: context.clientIp })
    const forAll = key && commonOfAll(planned, variables, key, ownerOfStream(key), false)
    const forOne = key && commonOfAll(planned, variables, key, owner, true)
    return {
      resumable: planned.resumable !== undefined,
      open(after, onOverflow) {
        const beginsWithin = planned.resumable && openingTimeout
        return own.open({ authorization: context.authorization }, after, { beginsWithin, onOverflow })
      },
      toPayload: forOne
        ? forOne.toPayload
        : (event, signal) => turns.run(owner, () => own.toPayload(event, context), { signal }),
      ...(forAll && { join: (cursor) => shared.join({ ...forAll, key, cursor, subject: userId, sink }) }),
    }
  }

  return {
    follow(request) {
      const { document, operationName, userId, address, sink, takePoints } = request
      const owner = ownerOf({ userId, clientIp: request.context.clientIp })
      const known = served.planner.read(document, operationName)
      const variables = known.variablesIn(request.variables)
      const after = known.resumable?.cursorIn(variables)
      const identity = known.identityOf(variables)
      const isShareable = known.resumable !== undefined && identity?.isShareable === true
      const leave = identity ? distinct.enter({ userId, address }, { ...identity, isShareable }) : () => {}
      const following = follow({
        subject: userId,
        prepare: (signal) => turns.run(owner, async () => prepare(request), { signal }),
        after,
        sink,
        joinAgainAfter: sharing.joinAgainAfter,
        turn: (signal) => request.turn(known.resumable !== undefined, signal),
        charge: createReplayCharge(takePoints, (bytes) => replayed.add({}, bytes)),
      })
      running.add(following)
      const forget = () => {
        running.delete(following)
        leave()
      }
      following.ended.then(forget, forget)
      const stop = () => {
        following.stop()
        // Its client may follow another stream instead at once.
        leave()
      }
      return { ...following, stop }
    },
    async close() {
      stopWatching()
      for (const each of running) each.stop()
      served.shared.move()
      await Promise.all(Object.values(streams).map((stream) => stream.dispose()))
    },
  }
}

/** The part of the backlog that is one upstream's, which tells when that is more than may wait. */
function partOf(backlog: Backlog, most: number, onOverflow: () => void): Backlog {
  let own = 0
  return {
    get bytes() {
      return own
    },
    set bytes(bytes) {
      backlog.bytes += bytes - own
      own = bytes
      if (own > most) onOverflow()
    },
  }
}
