import { setTimeout as pause } from 'node:timers/promises'

export interface UntilReadyOptions {
  /** What is waited for, as an operator calls it. */
  what: string
  ready(): Promise<boolean>
  /** Milliseconds. */
  patience?: number
}

/** Waits until what a process cannot start without answers. Throws when it does not within the patience. */
export async function untilReady({ what, ready, patience = 30_000 }: UntilReadyOptions): Promise<void> {
  for (const end = performance.now() + patience; !(await ready()); ) {
    if (performance.now() > end) throw new Error(`${what} did not answer within ${patience} ms`)
    await pause(200 + Math.random() * 300)
  }
}
