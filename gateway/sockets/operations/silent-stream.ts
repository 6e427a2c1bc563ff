/** A subscription that writes to its socket by itself. */
interface SelfWriting {
  /** Resolves when it is complete, or throws what it ended with. */
  ended: Promise<void>
  stop(): void
}

/** The stream of results that graphql-ws wants of a subscription: it gives none, and ends when the subscription does. */
export const silentStream = (subscription: SelfWriting): AsyncGenerator<never, void> => new SilentStream(subscription)

const over = { done: true, value: undefined } as const

/** A class, because there is one for each subscription: they share its methods. */
class SilentStream implements AsyncGenerator<never, void> {
  readonly #subscription: SelfWriting

  constructor(subscription: SelfWriting) {
    this.#subscription = subscription
  }

  next() {
    return this.#subscription.ended.then(() => over)
  }

  async return() {
    this.#subscription.stop()
    return over
  }

  async throw(error: unknown): Promise<never> {
    this.#subscription.stop()
    throw error
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async [Symbol.asyncDispose]() {
    this.#subscription.stop()
  }
}
