import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
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
  /** Waits for a turn. Throws `UNAVAILABLE` when it does not come soon enough. Rejects when the signal aborts. */
  turn(opener: Opener, signal: AbortSignal): Promise<OpeningTurn>
}

export interface OpeningLimitOptions {
  openings: SocketLimits['openings']
  /** How long a turn lasts while nothing arrives, in milliseconds: a stream may be silent for ever. */
  longest?: number
  /** How long one waits for a turn at most, in milliseconds. */
  patience: number
  countLimit: CountLimit
  metrics: Metrics
}

/**
 * The first event of a subscription counts for its user, its address and the gateway until it has arrived, and for its socket until there was
 * room to write it: a client on a slow link holds up its own subscriptions only.
 */
export function createOpeningLimit(options: OpeningLimitOptions): OpeningLimit {
  const { openings, longest = 1_000, patience, countLimit, metrics } = options
  const sockets = createTurns<object>({ count: openings.perSocket })
  const users = createTurns<string>({ count: openings.perUser, timeout: patience })
  const addresses = createTurns<string>({ count: openings.perAddress, timeout: patience })
  const everybody = createTurns<'everybody'>({ count: openings.total, timeout: patience })
  let waiting = 0
  metrics.gauge('parley_openings', 'Subscriptions that open', everybody.taken)
  metrics.gauge('parley_openings_waiting', 'Subscriptions that wait for their turn to open', () => waiting)

  const takeAll = async ({ socket, userId, address }: Opener, signal: AbortSignal) => {
    const ends: (() => void)[] = []
    try {
      ends.push(await sockets.take(socket, signal))
      ends.push(await users.take(userId, signal))
      ends.push(await addresses.take(address, signal))
      ends.push(await everybody.take('everybody', signal))
    } catch (error) {
      for (const end of ends) end()
      if (!signal.aborted) countLimit('openings')
      throw error
    }
    const [leaveSocket, ...others] = ends
    return { leaveSocket: () => leaveSocket?.(), leaveOthers: () => others.toReversed().forEach((end) => void end()) }
  }
  return {
    async turn(opener, signal) {
      waiting += 1
      const { leaveSocket, leaveOthers } = await takeAll(opener, signal).finally(() => {
        waiting -= 1
      })
      const arrived = () => {
        clearTimeout(timer)
        leaveOthers()
      }
      const end = () => {
        arrived()
        leaveSocket()
      }
      const timer = setTimeout(end, longest)
      return { arrived, end }
    },
  }
}
