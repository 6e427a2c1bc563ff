import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'

/**
 * Runs the work again and again in `lanes` lanes for `seconds`. Gives how often it was done in a second. A lane lets others have
 * their turn in between, as what comes over a network does.
 */
export async function throughput(
  lanes: number,
  seconds: number,
  work: (lane: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now()
  const end = start + seconds * 1_000
  let done = 0
  const run = async (lane: number) => {
    for (; performance.now() < end; await turn()) {
      await work(lane)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)))
  return done / ((performance.now() - start) / 1_000)
}

export interface Started {
  started: number
  failed: number
  problem?: string
}

export interface RateOptions {
  perSecond: number
  /** Asked before each start. */
  goesOn(started: number): boolean
  /** Is told how late it was started, in milliseconds. */
  work(count: number, late: number): Promise<unknown>
}

/**
 * Starts the work so many times a second, at even distances, however long it takes: what is late does not hold up the next. Waits for
 * all of them, and gives how many there were, how many failed, and why the first of those did.
 */
export async function atRate({ perSecond, goesOn, work }: RateOptions): Promise<Started> {
  const start = performance.now()
  const running: Promise<unknown>[] = []
  const outcome: Started = { started: 0, failed: 0 }
  const fail = (error: unknown) => {
    outcome.failed += 1
    outcome.problem ??= String(error)
  }
  while (goesOn(running.length)) {
    const late = performance.now() - start - (running.length / perSecond) * 1_000
    if (late < 0) await pause(Math.ceil(-late))
    else running.push(work(running.length, late).catch(fail))
  }
  await Promise.all(running)
  return { ...outcome, started: running.length }
}

/** Does the work for every item, so many at a time. Gives the results in the order of the items. */
export async function eachOf<T, R>(
  items: T[],
  lanes: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [index, item] of waiting) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
