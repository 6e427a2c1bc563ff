import { setTimeout as pause } from 'node:timers/promises'
import { AppError, unavailable } from '../../platform/errors/app-error.ts'
import type { ReplayCharge } from './budgets/replay-charge.ts'
import { followPrivately, type OpeningTurn, type Progress } from './private-stream.ts'
import type { RunnableSubscription } from './runnable-subscription.ts'
import { type FrameSink, untilDrained } from './sharing/frames.ts'
import type { Listening } from './sharing/shared-stream.ts'
import { TooSlow } from './upstream.ts'

export interface FollowOptions {
  /** The user who follows. */
  subject: string
  /**
   * The subscription on the graph of now, when it is its turn to be planned. Throws when it is not valid there. Rejects when the signal
   * aborts.
   */
  prepare(signal: AbortSignal): Promise<RunnableSubscription>
  /** The cursor that the client asked to go on after. */
  after: string | undefined
  sink: FrameSink
  /** About how long it stays by itself after it could not join a shared stream, in milliseconds. */
  joinAgainAfter: number
  /** Waits until one more upstream may be opened. Rejects when the signal aborts. */
  turn(signal: AbortSignal): Promise<OpeningTurn>
  charge: ReplayCharge
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
export class GraphChanged extends AppError {
  override name = 'GraphChanged'

  constructor() {
    super('UNAVAILABLE', 'The graph has changed: subscribe again.')
  }
}

/** The listeners of a stream that was lost come back one by one: a millisecond for each, this many at most. */
const longestSpread = 5_000

/**
 * Follows privately until the client has caught up, then in the shared stream; privately again when that is lost. The cursor that the
 * client has had last is all that passes from one to the other, so nothing is left out or repeated.
 */
export function follow(options: FollowOptions): Following {
  const { subject, prepare, after, sink, joinAgainAfter, turn, charge } = options
  const progress: Progress = { cursor: after, caughtUp: false }
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  let interrupt = () => {}

  const goPrivately = async (
    subscription: RunnableSubscription,
    opening: OpeningTurn,
  ): Promise<Listening | 'completed' | 'interrupted'> => {
    const start = progress.cursor
    // What was a place in the stream says nothing to a field that cannot go on after one.
    if (start !== undefined && !subscription.resumable) throw new GraphChanged()
    const overflow = new AbortController()
    const upstream = subscription.open(start, () => overflow.abort())
    const interruption = new AbortController()
    const { signal } = interruption
    interrupt = () => {
      interruption.abort()
      void upstream.return()
    }
    let reached: Awaited<ReturnType<typeof followPrivately>>
    try {
      const options = {
        subscription,
        upstream,
        subject,
        sink,
        progress,
        joinAgainAfter,
        opening,
        charge,
        overflow: overflow.signal,
        signal,
      }
      reached = await followPrivately(options)
    } catch (error) {
      if (!(error instanceof TooSlow)) throw error
      // They came faster than they could be completed here, which is not the client's fault: it goes on after the last one.
      if (progress.cursor === start) throw unavailable('Live updates came faster than they could be completed: resume.')
      return 'interrupted'
    }
    if (reached === 'too slow') throw new TooSlow()
    if (reached === 'full') {
      opening.end()
      await untilDrained(sink, stopping.signal)
      return 'interrupted'
    }
    if (reached === 'removed') return 'completed'
    if (reached) return reached
    if (signal.aborted && !isStopped() && !subscription.resumable) {
      // What is wrong with it on the new graph, if it is that, says more.
      await prepare(stopping.signal)
      throw new GraphChanged()
    }
    return signal.aborted ? 'interrupted' : 'completed'
  }
  const goTogether = async (listening: Listening): Promise<'completed' | 'interrupted'> => {
    interrupt = listening.leave
    if (isStopped()) listening.leave()
    const end = await listening.ended
    progress.cursor = listening.cursor()
    if (end.kind === 'removed') return 'completed'
    if (end.kind === 'failed') throw end.error
    const waiting = new AbortController()
    interrupt = () => waiting.abort()
    const spread = Math.random() * Math.min(longestSpread, end.together)
    if (!isStopped()) await pause(spread, undefined, { signal: waiting.signal }).catch(() => {})
    return 'interrupted'
  }
  const run = async () => {
    while (!isStopped()) {
      let isMoved = false
      interrupt = () => {
        isMoved = true
      }
      // Planned first: whoever has a turn to open keeps others from theirs.
      const subscription = await prepare(stopping.signal)
      const opening = await turn(stopping.signal)
      if (isStopped()) return opening.end()
      if (isMoved) {
        opening.end()
        continue
      }
      const listening = await goPrivately(subscription, opening).finally(() => {
        opening.end()
        charge.settle()
      })
      if (listening === 'completed') return
      if (listening !== 'interrupted' && (await goTogether(listening)) === 'completed') return
    }
  }
  return {
    ended: run().catch((error) => {
      if (!isStopped()) throw error
    }),
    stop() {
      stopping.abort()
      interrupt()
    },
    move: () => interrupt(),
  }
}
