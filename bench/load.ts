/** Runs the work again and again in `lanes` lanes for `seconds`. Gives how often it was done in a second. */
export async function throughput(
  lanes: number,
  seconds: number,
  work: (lane: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now()
  const end = start + seconds * 1_000
  let done = 0
  const run = async (lane: number) => {
    while (performance.now() < end) {
      await work(lane)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)))
  return done / ((performance.now() - start) / 1_000)
}

/** The value that this share of them does not pass. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
