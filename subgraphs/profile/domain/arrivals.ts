/** Tells those who wait for a profile that one may have been made. */
export interface Arrivals {
  announce(): void
  /**
   * Resolves at the next announcement, or at the next beat: another process may have made the profile. All who wait wake together, so that
   * they can look together. Resolves to false, at once, when too many wait.
   */
  next(): Promise<boolean>
}

/** How many may wait at a time. */
const mostWaiting = 10_000

/** A beat comes this many milliseconds after the first one began to wait. */
export function createArrivals(beat: number): Arrivals {
  let waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined
  const announce = () => {
    clearTimeout(timer)
    timer = undefined
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  return {
    announce,
    next: async () => {
      if (waiting.length >= mostWaiting) return false
      // Waiting keeps no process alive that has nothing else to do.
      timer ??= setTimeout(announce, beat).unref()
      await new Promise<void>((resolve) => waiting.push(resolve))
      return true
    },
  }
}
