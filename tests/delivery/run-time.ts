/** How long a run lasts. Times are those of `performance.now()`. */
export interface RunTime {
  /** Starts the time that is to be spent. */
  start(seconds: number): void
  /** Ends it now; a second time, what is under way is given up, too. */
  stop(): void
  isOver(): boolean
  /** When whatever is under way is given up. Stopping moves it: whoever waits asks each time. */
  deadline(): number
  /** Whether it was stopped twice: nothing is waited for any more. */
  isGivenUp(): boolean
}

/** How long everybody may take to begin, in milliseconds. */
const assembling = 60_000

/** `settling` is how long everything may take after the end, in milliseconds. */
export function createRunTime(settling: number): RunTime {
  let end = performance.now() + assembling
  let stops = 0
  const isGivenUp = () => stops > 1
  return {
    start(seconds) {
      end = performance.now() + (stops > 0 ? 0 : seconds * 1_000)
    },
    stop() {
      stops += 1
      end = Math.min(end, performance.now())
    },
    isOver: () => performance.now() >= end,
    deadline: () => (isGivenUp() ? end : end + settling),
    isGivenUp,
  }
}
