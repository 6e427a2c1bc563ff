import { AppError } from '../../platform/errors/app-error.ts'

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
  /** What the error of one that waited too long calls the limit. */
  limit: string
  /** How many may have their turn at a time, for each key. */
  count: number
  /** How long one waits at most, in milliseconds; without it, for as long as those before take. */
  timeout?: number
}

interface Lane {
  taken: number
  waiting: Set<() => void>
}

export function createTurns<Key>({ limit, count, timeout }: TurnsOptions): Turns<Key> {
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
      else await waitIn(lane, begin, { limit, count, timeout, signal })
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
  const { limit, count, timeout, signal } = options
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
      const asked = lane.taken + lane.waiting.size + 1
      const message = `${limit}: at most ${count} subscriptions at a time, not ${asked}. Try again.`
      reject(new AppError('UNAVAILABLE', message, { retryAfter: 1, limit, asked, allowed: count }))
    }
    const timer = timeout === undefined ? undefined : setTimeout(late, timeout)
    signal.addEventListener('abort', giveUp)
    lane.waiting.add(next)
  })
}
