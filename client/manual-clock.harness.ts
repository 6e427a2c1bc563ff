import type { Clock } from './clock.ts'

/** A clock that stands still until the test lets time pass. Chance gives the longest delay. */
export interface ManualClock extends Clock {
  /** The milliseconds until each task that is scheduled, soonest first. */
  pending(): number[]
  /** Runs what is due within `ms`, in order. */
  pass(ms: number): void
}

export function createManualClock(): ManualClock {
  let now = 1_800_000_000_000
  const timers = new Set<{ task: () => void; at: number }>()
  const soonest = () => [...timers].sort((a, b) => a.at - b.at)
  return {
    now: () => now,
    random: () => 1,
    schedule(task, ms) {
      const timer = { task, at: now + ms }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pending: () => soonest().map(({ at }) => at - now),
    pass(ms) {
      const end = now + ms
      for (let [next] = soonest(); next && next.at <= end; [next] = soonest()) {
        timers.delete(next)
        now = next.at
        next.task()
      }
      now = end
    },
  }
}
