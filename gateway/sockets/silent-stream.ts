/** A subscription that writes to its socket by itself. */
interface SelfWriting {
  /** Resolves when it is complete, or throws what it ended with. */
  ended: Promise<void>
  stop(): void
}

/** The stream of results that graphql-ws wants of a subscription: it gives none, and ends when the subscription does. */
export function silentStream({ ended, stop }: SelfWriting): AsyncGenerator<never, void> {
  const over = { done: true, value: undefined } as const
  return {
    async next() {
      await ended
      return over
    },
    async return() {
      stop()
      return over
    },
    async throw(error) {
      stop()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      stop()
    },
  }
}
