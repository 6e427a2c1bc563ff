import { unavailable } from '../../platform/errors/app-error.ts'

/** Turns that only so many may have at a time, for each key. Those who wait get theirs in the order of their coming. */
export interface Turns<Key> {
  /**
   * Waits for a turn; returns what ends it. Throws `UNAVAILABLE` when it does not come in time. Rejects when the signal aborts: whoever
   * waited wants it no more.
   */
  take(key: Key, signal: AbortSignal): Promise<() => void>
  /** How many have their turn. */
  taken(): number
}

export interface TurnsOptions {
  /** How many may have their turn at a time, for each key. */
  count: number
  /** How long one waits at most, in milliseconds; without it, for as long as those before take. */
  timeout?: number
}

interface Lane {
  taken: number
  waiting: Set<() => void>
}

export function createTurns<Key>({ count, timeout }: TurnsOptions): Turns<Key> {
  const lanes = new Map<Key, Lane>()
  let taken = 0

  const give = (key: Key, lane: Lane) => {
    taken -= 1
    lane.taken -= 1
    const [next] = lane.waiting
    if (next) next()
    else if (lane.taken === 0) lanes.delete(key)
  }
  return {
    async take(key, signal) {
      signal.throwIfAborted()
      const lane = lanes.get(key) ?? { taken: 0, waiting: new Set() }
      lanes.set(key, lane)
      const begin = () => {
        taken += 1
        lane.taken += 1
      }
      if (lane.taken < count) begin()
      else await waitIn(lane, begin, { count, timeout, signal })
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        give(key, lane)
      }
    },
    taken: () => taken,
  }
}

function waitIn(lane: Lane, begin: () => void, options: TurnsOptions & { signal: AbortSignal }): Promise<void> {
  const { count, timeout, signal } = options
  return new Promise<void>((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      lane.waiting.delete(next)
    }
    const next = () => {
      leave()
      begin()
      resolve()
    }
    const giveUp = () => {
      leave()
      reject(signal.reason)
    }
    const late = () => {
      leave()
      reject(unavailable(`Too many subscriptions are opening, ${count} may at a time: try again.`))
    }
    const timer = timeout === undefined ? undefined : setTimeout(late, timeout)
    signal.addEventListener('abort', giveUp)
    lane.waiting.add(next)
  })
}
