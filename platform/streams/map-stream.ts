/** The stream with each value mapped, one after the other. Returning it returns the source at once, even while it waits. */
export function mapStream<T, U>(
  source: AsyncIterator<T, void>,
  map: (value: T) => Promise<U>,
): AsyncGenerator<U, void> {
  const stop = async (): Promise<IteratorResult<U, void>> => {
    await source.return?.()
    return { done: true, value: undefined }
  }
  return {
    async next() {
      const result = await source.next()
      if (result.done) return { done: true, value: undefined }
      try {
        return { done: false, value: await map(result.value) }
      } catch (error) {
        await source.return?.()
        throw error
      }
    },
    return: stop,
    async throw(error) {
      await stop()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
