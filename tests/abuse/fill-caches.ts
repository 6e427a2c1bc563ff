export interface FillOptions {
  /** What the system holds after a collection of garbage, in bytes. */
  heap(): Promise<number>
  /** Sends so many operations that no cache knows. */
  send(operations: number): Promise<void>
  /** Ends after so many operations at the latest. */
  most: number
  say(line: string): void
  isStopped(): boolean
}

/** Operations between two looks at the heap. */
const round = 500
/** The caches count as full when the heap has grown by less than `growth` in the last so many rounds together. */
const full = { rounds: 3, growth: 1.01 }

/**
 * Sends operations until the caches of the system are full: megabytes of documents and plans, each cache up to a bound of its own. They
 * fill slowly, so a single round that adds little says nothing. Returns what the system holds then.
 */
export async function fillCaches({ heap, send, most, say, isStopped }: FillOptions): Promise<number> {
  const held = [await heap()]
  for (let done = 0; done < most && !isStopped(); ) {
    const count = Math.min(round, most - done)
    await send(count)
    done += count
    const now = await heap()
    say(`Filling the caches: ${done} operations, ${Math.round(now / 1e6)} MB`)
    const before = held.at(-full.rounds)
    held.push(now)
    if (held.length > full.rounds && before !== undefined && now < before * full.growth) break
  }
  return held.at(-1) as number
}
