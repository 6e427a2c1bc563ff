/** How long a run lasts. Times are those of `performance.now()`. */
export interface RunTime {
  /** Starts the time that is to be spent. */
  start(seconds: number): void
  /** Ends it now; a second time, what is under way is given up, too. */
  stop(): void
  isOver(): boolean
  /** When whatever is under way is given up. */
  deadline(): number
}

/** How long everybody may take to begin, in milliseconds. */
const assembling = 60_000

/** `settling` is how long everything may take after the end, in milliseconds. */
export function createRunTime(settling: number): RunTime {
  let end = performance.now() + assembling
  let patience = settling
  let isStopped = false
  return {
    start(seconds) {
      end = performance.now() + (isStopped ? 0 : seconds * 1_000)
    },
    stop() {
      if (isStopped) patience = 0
      isStopped = true
      end = Math.min(end, performance.now())
    },
    isOver: () => performance.now() >= end,
    deadline: () => end + patience,
  }
}
