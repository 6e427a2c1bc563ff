import { setTimeout as pauseFor } from 'node:timers/promises'

export interface BatchOptions {
  /** Over how many milliseconds the batches are spread at most. */
  within: number
  /** Batches are at least this large: a few items are done at once. */
  least?: number
  /** Milliseconds from one batch to the next. */
  every?: number
  pause?(milliseconds: number): Promise<unknown>
}

/** Does something to every item, in equal batches with pauses in between. Resolves after the last one. */
export async function inBatches<T>(items: readonly T[], act: (item: T) => void, options: BatchOptions): Promise<void> {
  const { within, least = 50, every = 250, pause = pauseFor } = options
  const most = Math.floor(within / every) + 1
  const size = Math.max(least, Math.ceil(items.length / most))
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await pause(every)
    for (const item of items.slice(start, start + size)) act(item)
  }
}
