import type { ExecutionResult } from 'graphql'
import type { ReplayCharge } from './budgets/replay-charge.ts'
import { mapAhead } from './map-ahead.ts'
import { placeOf } from './place.ts'
import type { RunnableSubscription } from './runnable-subscription.ts'
import { type FrameSink, untilDrained } from './sharing/frames.ts'
import type { Listening } from './sharing/shared-stream.ts'

/** How far a client has come, whichever stream it was given it by. */
export interface Progress {
  /** The cursor of the last event that was written to it. */
  cursor: string | undefined
  /** Whether it was told that it has caught up. */
  caughtUp: boolean
}

/** The right to open an upstream. Its first event can be large, and is held in memory until the client has room for it. */
export interface OpeningTurn {
  /** The first event is there. */
  arrived(): void
  /** What is there waits until the client has room for it. */
  waitsForClient(): void
  /** The first event was written. */
  written(): void
  /** The client has caught up, or nothing more will be written. */
  end(): void
}

export interface PrivateStreamOptions {
  subscription: RunnableSubscription
  upstream: AsyncGenerator<ExecutionResult, void>
  /** The user who follows. */
  subject: string
  sink: FrameSink
  /** Moved on with each event that was written. */
  progress: Progress
  /** About how long it stays by itself after it could not join a shared stream, in milliseconds. */
  joinAgainAfter: number
  opening: OpeningTurn
  /** What the client pays for the events that it is given until it has caught up. */
  charge: ReplayCharge
  /** Aborted when more of the upstream waits than may. */
  overflow: AbortSignal
  /** Ends it; whoever aborts ends the upstream, too. */
  signal: AbortSignal
}

/** How many events are completed at a time: one after the other, a busy stream would never be caught up with. */
const concurrency = 16

/**
 * Writes what a client's own upstream gives. Gives a shared stream as soon as it could be joined; nothing when the upstream is over.
 * Stops at a client that is too full for more, or too slow for a stream that cannot go on later, and at the removal of one that had caught up. Throws `TooSlow` when the upstream had more
 * than could be completed in time.
 */
export async function followPrivately(
  options: PrivateStreamOptions,
): Promise<Listening | 'full' | 'too slow' | 'removed' | undefined> {
  const { subscription, upstream, subject, sink, progress, joinAgainAfter, opening, charge, overflow, signal } = options
  const stopWaiting = AbortSignal.any([signal, overflow])
  const completed = mapAhead(upstream, concurrency, async (event, stopped) => ({
    place: placeOf(event),
    payload: await subscription.toPayload(event, stopped),
  }))
  // What still waits for its turn to be completed leaves the line: it would hold up what its owner follows next.
  signal.addEventListener('abort', () => void completed.return())
  let joinAt = 0
  /** What the upstream gives until its first live event was not paid for with the operation. */
  let isReplay = subscription.resumable
  for await (const { place, payload } of completed) {
    if (signal.aborted) break
    opening.arrived()
    const isLive = progress.caughtUp
    // One that only tells where the stream stands was told when the client first caught up.
    const isNews = !isLive || place?.cursor == null || place.cursor !== progress.cursor
    const catchesUp = isReplay
    if (catchesUp) await charge.add(payload.length)
    isReplay &&= place?.live === false
    // The upstream keeps what comes meanwhile, within its bound.
    while (isNews && !sink.hasRoomFor(payload.length)) {
      if (overflow.aborted && !signal.aborted) return subscription.resumable ? 'full' : 'too slow'
      if (signal.aborted) break
      // It is read again then: nothing has to be held for a client that can go on after what it was given.
      if (catchesUp && progress.cursor !== undefined) return 'full'
      const release = sink.hold(payload.length)
      if (!release) return subscription.resumable ? 'full' : 'too slow'
      opening.waitsForClient()
      await untilDrained(sink, stopWaiting).finally(release)
    }
    if (signal.aborted) break
    if (isNews) sink.write(payload)
    opening.written()
    if (!isReplay) opening.end()
    progress.cursor = place?.cursor ?? progress.cursor
    progress.caughtUp ||= place?.live === true
    if (place?.remove.includes(subject)) {
      // It ends with this event, even if the removal was taken back meanwhile: the client takes what it is given for news.
      if (isLive) return 'removed'
      continue
    }
    // Nothing has to wait here for a client that can go on after what it was given.
    if (subscription.resumable && place?.cursor && sink.isFull()) return 'full'
    if (!subscription.join || !place?.live || place.cursor === null || performance.now() < joinAt) continue
    const listening = await subscription.join(place.cursor)
    if (listening && !signal.aborted) return listening
    listening?.leave()
    joinAt = performance.now() + joinAgainAfter * (0.5 + Math.random())
  }
  return undefined
}
