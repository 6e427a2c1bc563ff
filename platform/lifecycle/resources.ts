import { within } from './within.ts'

/** A part that was opened and has to be closed. Closing twice is harmless. */
export interface Closable {
  close(): Promise<void> | void
}

/** What a running service gives: where it listens, and how to stop it. Stopping twice is harmless. */
export interface Service {
  url: string
  /** Which adapter serves which port, where the service chose them. */
  adapters?: Record<string, string>
  /** Why it should not be sent work yet, where it knows; empty when it is ready. */
  missing?(): string[]
  /** How long a stop may take, in milliseconds, where the service knows. */
  stopsWithin?: number
  stop(): Promise<void>
}

export interface Resources {
  /** Remembers a part that was opened, so that `close` closes it. */
  own<T extends Closable>(part: T): T
  /** Remembers something to do at `close`, with a deadline of its own if it needs one. */
  onClose(close: () => Promise<void> | void, deadline?: number): void
  /** Runs the work; when it throws, closes what was opened so far, then throws on. */
  closeIfThrows<T>(work: () => Promise<T>): Promise<T>
  /** Closes the parts in the reverse order of their opening, each within the deadline. The first error is thrown at the end. */
  close(): Promise<void>
}

/** Owns the parts of a service. `deadline` bounds the closing of each part, in milliseconds: longer than an operation may run. */
export function createResources({ deadline = 12_000 } = {}): Resources {
  const closers: { close(): Promise<void> | void; within: number }[] = []
  let closing: Promise<void> | undefined

  const closeAll = async () => {
    let first: unknown
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      try {
        await within(closer.within, closer.close(), `A part did not close within ${closer.within} ms`)
      } catch (error) {
        first ??= error
      }
    }
    if (first) throw first
  }
  const close = () => {
    closing ??= closeAll()
    return closing
  }
  return {
    own(part) {
      closers.push({ close: () => part.close(), within: deadline })
      return part
    },
    onClose: (close, own = deadline) => void closers.push({ close, within: own }),
    async closeIfThrows(work) {
      try {
        return await work()
      } catch (error) {
        await close().catch(() => {})
        throw error
      }
    },
    close,
  }
}
