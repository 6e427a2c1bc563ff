/** Time and chance as the client uses them; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs the task after `ms`; gives what cancels it. */
  schedule(task: () => void, ms: number): () => void
  /** From 0 to 1. */
  random(): number
}

export const systemClock: Clock = {
  now: Date.now,
  schedule(task, ms) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** What the work gives. Rejects when it is not there within `ms`, or when the signal aborts. */
export function inTime<T>(clock: Clock, ms: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (message: string) => () => finish(() => reject(new Error(message)))
    const onAbort = giveUp('Stopped')
    const cancel = clock.schedule(giveUp('There was no answer in time'), ms)
    const finish = (settle: () => void) => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    signal.addEventListener('abort', onAbort)
    work.then(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    )
  })
}
