import { setTimeout as pause } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import { unavailable } from '../../platform/errors/app-error.ts'
import { mapAhead } from './map-ahead.ts'
import { placeOf } from './place.ts'
import type { FrameSink } from './sharing/frames.ts'
import type { Listening } from './sharing/shared-stream.ts'
import { TooSlow } from './upstream.ts'

/** A client's subscription as it runs on one graph. */
export interface RunnableSubscription {
  /** Whether it can go on after a cursor. */
  resumable: boolean
  /** Opens the client's own upstream, after a cursor if there is one. */
  open(after: string | undefined): AsyncGenerator<ExecutionResult, void>
  /** An event of that upstream with the fields of every subgraph. */
  toPayload(event: ExecutionResult): Promise<Buffer>
  /** Joins the stream that all who ask alike share; none for a subscription that is nobody else's. */
  join?(cursor: string): Promise<Listening | undefined>
}

export interface FollowOptions {
  /** The user who follows. */
  subject: string
  /** The subscription on the graph of now. Throws when it is not valid there. */
  prepare(): RunnableSubscription
  /** The cursor that the client asked to go on after. */
  after: string | undefined
  sink: FrameSink
  /** About how long it stays by itself after it could not join a shared stream, in milliseconds. */
  joinAgainAfter: number
  /** Waits until one more upstream may be opened; gives what to call when the client has had its first event. */
  turn(): Promise<() => void>
}

/** A subscription under way. */
export interface Following {
  /** Resolves when it is complete or was stopped; throws what the client is to be told. */
  ended: Promise<void>
  /** Nothing is written from now on. */
  stop(): void
  /** The graph has changed: goes on there after its cursor. */
  move(): void
}

/** Thrown to a subscription that cannot go on where it stands on a new graph: its client begins again. */
export class GraphChanged extends Error {
  override name = 'GraphChanged'
}

/** The listeners of a stream that was lost come back one by one: a millisecond for each, this many at most. */
const longestSpread = 5_000
/** How many events of a private stream are completed at a time: one after the other, a busy stream would never be caught up with. */
const concurrency = 16

/**
 * Follows privately until the client has caught up, then in the shared stream; privately again when that is lost. The cursor that the
 * client has had last is all that passes from one to the other, so nothing is left out or repeated.
 */
export function follow(options: FollowOptions): Following {
  const { subject, prepare, after, sink, joinAgainAfter, turn } = options
  let cursor = after
  let caughtUp = false
  let stopped = false
  let interrupt = () => {}
  let onFirst = () => {}

  /** Gives a shared stream as soon as it could be joined. */
  const readPrivately = async (
    subscription: RunnableSubscription,
    upstream: AsyncGenerator<ExecutionResult, void>,
    isInterrupted: () => boolean,
  ): Promise<Listening | undefined> => {
    const completed = mapAhead(upstream, concurrency, async (event) => ({
      place: placeOf(event),
      payload: await subscription.toPayload(event),
    }))
    let joinAt = 0
    for await (const { place, payload } of completed) {
      if (isInterrupted()) break
      // One that only tells where the stream stands was told when the client first caught up.
      const isNews = !caughtUp || place?.cursor == null || place.cursor !== cursor
      if (isNews) {
        sink.write(payload)
        onFirst()
      }
      cursor = place?.cursor ?? cursor
      caughtUp ||= place?.live === true
      if (!subscription.join || !place?.live || place.cursor === null || performance.now() < joinAt) continue
      // It ends with this event; the shared stream would not know.
      if (place.remove.includes(subject)) continue
      const listening = await subscription.join(place.cursor)
      if (listening && !isInterrupted()) return listening
      listening?.leave()
      joinAt = performance.now() + joinAgainAfter * (0.5 + Math.random())
    }
    return undefined
  }
  const followPrivately = async (): Promise<Listening | 'completed' | 'interrupted'> => {
    const subscription = prepare()
    // What was a place in the stream says nothing to a field that cannot go on after one.
    if (cursor !== undefined && !subscription.resumable) throw new GraphChanged()
    const start = cursor
    const upstream = subscription.open(start)
    let interrupted = false
    interrupt = () => {
      interrupted = true
      void upstream.return()
    }
    try {
      const listening = await readPrivately(subscription, upstream, () => interrupted)
      if (listening) return listening
    } catch (error) {
      // They came faster than they could be completed here, which is not the client's fault: it goes on after the last one.
      if (!(error instanceof TooSlow)) throw error
      if (cursor === start) throw unavailable('Live updates came faster than they could be completed: resume.')
      return 'interrupted'
    }
    if (interrupted && !stopped && !subscription.resumable) {
      // What is wrong with it on the new graph, if it is that, says more.
      prepare()
      throw new GraphChanged()
    }
    return interrupted ? 'interrupted' : 'completed'
  }
  const followShared = async (listening: Listening): Promise<'completed' | 'interrupted'> => {
    interrupt = listening.leave
    if (stopped) listening.leave()
    const end = await listening.ended
    cursor = listening.cursor()
    if (end.kind === 'removed') return 'completed'
    if (end.kind === 'failed') throw end.error
    const waiting = new AbortController()
    interrupt = () => waiting.abort()
    const spread = Math.random() * Math.min(longestSpread, end.together)
    if (!stopped) await pause(spread, undefined, { signal: waiting.signal }).catch(() => {})
    return 'interrupted'
  }
  const run = async () => {
    while (!stopped) {
      const endTurn = await turn()
      onFirst = endTurn
      if (stopped) return endTurn()
      const listening = await followPrivately().finally(endTurn)
      if (listening === 'completed') return
      if (listening !== 'interrupted' && (await followShared(listening)) === 'completed') return
    }
  }
  return {
    ended: run().catch((error) => {
      if (!stopped) throw error
    }),
    stop() {
      stopped = true
      interrupt()
    },
    move: () => interrupt(),
  }
}
