import { abortable } from '../../platform/streams/abortable.ts'

/**
 * The stream with each value mapped, up to `limit` of them at a time, in their order. What the source or the mapping throws comes in its
 * turn, too. Returning it returns the source at once, even while it waits, and aborts the signal of the mapping.
 */
export function mapAhead<T, U>(
  source: AsyncGenerator<T, void>,
  limit: number,
  map: (value: T, signal: AbortSignal) => Promise<U>,
): AsyncGenerator<U, void> {
  return abortable<U>(async function* (signal) {
    const mapped: Promise<U>[] = []
    let end: { error?: unknown } | undefined
    let wakeReader = () => {}
    let wakeWriter = () => {}
    const read = async () => {
      try {
        for await (const value of source) {
          const work = map(value, signal)
          // It is told in its turn.
          work.catch(() => {})
          mapped.push(work)
          wakeWriter()
          if (mapped.length >= limit) await new Promise<void>((resolve) => (wakeReader = resolve))
        }
        end = {}
      } catch (error) {
        end = { error }
      }
      wakeWriter()
    }
    const stop = () => {
      wakeReader()
      void source.return()
    }
    signal.addEventListener('abort', stop)
    void read()
    try {
      for (;;) {
        const next = mapped[0]
        if (next) {
          yield await next
          mapped.shift()
          wakeReader()
        } else if (end) {
          if ('error' in end) throw end.error
          return
        } else await new Promise<void>((resolve) => (wakeWriter = resolve))
      }
    } finally {
      stop()
    }
  })
}
