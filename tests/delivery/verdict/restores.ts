/**
 * When the chat store was taken back to a backup. What was committed between the two is gone, and its numbers come again for other
 * events. Times are those of `performance.now()`.
 */
export interface Restores {
  /** A backup is made now; call what it gives when the store is back. */
  begin(): () => void
  /** How many have begun, and how many are over. */
  begun(): number
  over(): number
  /** Whether a backup was made between the two moments. */
  beganBetween(from: number, to: number): boolean
  /** When the last one was over; 0 before the first. */
  lastOver(): number
  /** Whether the moment lies between a backup and so long after its restoration. */
  covers(moment: number, grace?: number): boolean
}

export function createRestores(): Restores {
  const windows: { from: number; to: number }[] = []
  const over = () => windows.filter(({ to }) => to < Number.POSITIVE_INFINITY)
  return {
    begin() {
      const window = { from: performance.now(), to: Number.POSITIVE_INFINITY }
      windows.push(window)
      return () => {
        window.to = performance.now()
      }
    },
    begun: () => windows.length,
    over: () => over().length,
    beganBetween: (from, to) => windows.some((window) => from <= window.from && window.from <= to),
    lastOver: () => over().at(-1)?.to ?? 0,
    covers: (moment, grace = 0) => windows.some(({ from, to }) => from <= moment && moment <= to + grace),
  }
}
