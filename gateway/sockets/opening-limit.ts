import { unavailable } from '../../platform/errors/app-error.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { CountLimit } from '../limits/limit-count.ts'

/** Lets only so many subscriptions open at a time: the first event of one can be large, and all of them are held in memory. */
export interface OpeningLimit {
  /**
   * Waits for a turn; gives what ends it, once the first event is out. It ends by its time, too. Throws `UNAVAILABLE` when the turn
   * does not come soon enough. Rejects when the signal aborts: whoever waited wants it no more.
   */
  turn(userId: string, signal: AbortSignal): Promise<() => void>
}

export interface OpeningLimitOptions {
  perUser: number
  total: number
  /** How long a turn lasts at most, in milliseconds: a stream may be silent for ever. */
  longest?: number
  /** How long one waits for a turn at most, in milliseconds. */
  patience: number
  countLimit: CountLimit
  metrics: Metrics
}

export function createOpeningLimit(options: OpeningLimitOptions): OpeningLimit {
  const { perUser, total, longest = 1_000, patience, countLimit, metrics } = options
  const everybody = createTurns(total, patience)
  const users = new Map<string, Turns>()
  let waiting = 0
  metrics.gauge('parley_openings', 'Subscriptions that open', everybody.taken)
  metrics.gauge('parley_openings_waiting', 'Subscriptions that wait for their turn to open', () => waiting)

  const take = async (userId: string, signal: AbortSignal): Promise<Turns> => {
    const own = users.get(userId) ?? createTurns(perUser, patience)
    users.set(userId, own)
    await own.take(signal)
    try {
      await everybody.take(signal)
    } catch (error) {
      giveBack(userId, own)
      throw error
    }
    return own
  }
  const giveBack = (userId: string, own: Turns) => {
    own.give()
    if (own.taken() === 0) users.delete(userId)
  }
  return {
    async turn(userId, signal) {
      waiting += 1
      const own = await take(userId, signal)
        .catch((error) => {
          if (!signal.aborted) countLimit('openings')
          throw error
        })
        .finally(() => {
          waiting -= 1
        })
      let timer: NodeJS.Timeout | undefined
      const end = () => {
        if (!timer) return
        clearTimeout(timer)
        timer = undefined
        everybody.give()
        giveBack(userId, own)
      }
      timer = setTimeout(end, longest)
      return end
    },
  }
}

interface Turns {
  take(signal: AbortSignal): Promise<void>
  give(): void
  taken(): number
}

function createTurns(count: number, patience: number): Turns {
  /** In the order of their coming. */
  const waiting = new Set<() => void>()
  let taken = 0
  return {
    async take(signal) {
      signal.throwIfAborted()
      if (taken < count) {
        taken += 1
        return
      }
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          waiting.delete(begin)
        }
        const begin = () => {
          leave()
          resolve()
        }
        const giveUp = () => {
          leave()
          reject(signal.reason)
        }
        const timer = setTimeout(() => {
          leave()
          reject(unavailable('Too many subscriptions are opening: try again.'))
        }, patience)
        signal.addEventListener('abort', giveUp)
        waiting.add(begin)
      })
    },
    give() {
      const [next] = waiting
      if (next) next()
      else taken -= 1
    },
    taken: () => taken,
  }
}
