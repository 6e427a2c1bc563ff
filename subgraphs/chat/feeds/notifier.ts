/** Wakes all who wait for something new. */
export interface Notifier {
  notifyAll(): void
  /** Resolves when all are notified, or when the signal is aborted. */
  notified(signal: AbortSignal): Promise<void>
}

export function createNotifier(): Notifier {
  const sleepers = new Set<() => void>()
  return {
    notifyAll() {
      for (const wake of sleepers) wake()
    },
    notified: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        sleepers.add(wake)
        signal.addEventListener('abort', wake)
      }),
  }
}
