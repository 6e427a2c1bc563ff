/** Tells those who wait for a profile that one may have been made. */
export interface Arrivals {
  announce(): void
  /** Resolves at the next announcement, or after this many milliseconds: another process may have made the profile. */
  next(milliseconds: number): Promise<void>
}

export function createArrivals(): Arrivals {
  const waiting = new Set<() => void>()
  return {
    announce() {
      for (const wake of waiting) wake()
    },
    next: (milliseconds) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        // Waiting keeps no process alive that has nothing else to do.
        const timer = setTimeout(wake, milliseconds).unref()
        waiting.add(wake)
      }),
  }
}
