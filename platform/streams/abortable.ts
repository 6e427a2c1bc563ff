/**
 * An async generator that ends at once when it is returned, even while it waits. (A plain generator queues `return` behind the
 * value it is waiting for, which on an idle stream never comes.) `produce` must give the signal to everything it waits for.
 */
export function abortable<T>(produce: (signal: AbortSignal) => AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  const controller = new AbortController()
  const inner = produce(controller.signal)
  const next = async (): Promise<IteratorResult<T, void>> => {
    try {
      return await inner.next()
    } catch (error) {
      if (controller.signal.aborted) return { done: true, value: undefined }
      throw error
    }
  }
  const finish = async (): Promise<IteratorResult<T, void>> => {
    controller.abort()
    await inner.return().catch(() => {})
    return { done: true, value: undefined }
  }
  return {
    next,
    return: finish,
    async throw(error) {
      await finish()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await finish()
    },
  }
}
