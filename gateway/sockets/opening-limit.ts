import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit, Limit } from '../limits/limit-count.ts'
import type { OpeningTurn } from '../subscriptions/private-stream.ts'
import { createTurns } from './turns.ts'

/** Who opens a subscription. */
export interface Opener {
  /** Stands for the socket, by its identity. */
  socket: object
  userId: string
  /** The group of addresses that counts as one. */
  address: string
}

/** Lets only so many subscriptions open at a time: the first event of one can be large, and all of them are held in memory. */
export interface OpeningLimit {
  /**
   * Waits for a turn. `catchesUp` says that the stream begins with history or a snapshot, and tells when it has caught up. Throws
   * `UNAVAILABLE` when the turn does not come soon enough. Rejects when the signal aborts.
   */
  turn(opener: Opener, catchesUp: boolean, signal: AbortSignal): Promise<OpeningTurn>
}

export interface OpeningLimitOptions {
  openings: SocketLimits['openings']
  replays: SocketLimits['replays']
  /** How long a turn lasts while nothing arrives, in milliseconds: a stream may be silent for ever, and need not say that it has caught up. */
  longest?: number
  /** How long one waits for a turn at most, in milliseconds. */
  patience: number
  countLimit: CountLimit
  metrics: Metrics
}

/**
 * The first event of a subscription counts for its user, its address and the gateway until it has arrived, and for its socket until there was
 * room to write it: a client on a slow link holds up its own subscriptions only.
 *
 * A stream that catches up counts as a replay besides: for its user until it has caught up and that was written, or nothing more has come
 * for `longest` (a snapshot that resets may be the last event for days, without a word of having caught up), and for the gateway as
 * long as the gateway works on it, not while its client reads. A user's replays wait for each other without an end: they hold no events.
 */
export function createOpeningLimit(options: OpeningLimitOptions): OpeningLimit {
  const { openings, replays, longest = 1_000, patience, countLimit, metrics } = options
  const sockets = createTurns<object>({ limit: 'openings', count: openings.perSocket })
  const users = createTurns<string>({ limit: 'openings', count: openings.perUser, timeout: patience })
  const addresses = createTurns<string>({ limit: 'openings', count: openings.perAddress, timeout: patience })
  const everybody = createTurns<'everybody'>({ limit: 'openings', count: openings.total, timeout: patience })
  const ownReplays = createTurns<string>({ limit: 'replays', count: replays.perUser })
  const allReplays = createTurns<'everybody'>({ limit: 'replays', count: replays.total, timeout: patience })
  let waiting = 0
  metrics.gauge('parley_openings', 'Subscriptions that open', everybody.taken)
  metrics.gauge('parley_openings_waiting', 'Subscriptions that wait for their turn to open', () => waiting)
  metrics.gauge('parley_replays', 'Subscriptions that catch up', allReplays.taken)

  const takeAll = async ({ socket, userId, address }: Opener, catchesUp: boolean, signal: AbortSignal) => {
    const taken: { [lane in 'socket' | 'user' | 'all']?: () => void } = {}
    const opening: (() => void)[] = []
    let limit: Limit = 'openings'
    try {
      taken.socket = await sockets.take(socket, signal)
      if (catchesUp) {
        limit = 'replays'
        taken.user = await ownReplays.take(userId, signal)
        taken.all = await allReplays.take('everybody', signal)
        limit = 'openings'
      }
      opening.push(await users.take(userId, signal))
      opening.push(await addresses.take(address, signal))
      opening.push(await everybody.take('everybody', signal))
      return { taken, opening }
    } catch (error) {
      for (const end of [...opening, ...Object.values(taken)]) end()
      if (!signal.aborted) countLimit(limit)
      throw error
    }
  }
  return {
    async turn(opener, catchesUp, signal) {
      waiting += 1
      const { taken, opening } = await takeAll(opener, catchesUp, signal).finally(() => {
        waiting -= 1
      })
      const arrived = () => {
        clearTimeout(timer)
        for (const end of opening.toReversed()) end()
      }
      const end = () => {
        arrived()
        for (const leave of Object.values(taken)) leave()
      }
      const written = () => {
        taken.socket?.()
        if (!catchesUp) return
        clearTimeout(timer)
        timer = setTimeout(end, longest)
      }
      // One that catches up begins in time, or ends.
      let timer = catchesUp ? undefined : setTimeout(end, longest)
      return { arrived, waitsForClient: () => taken.all?.(), written, end }
    },
  }
}
