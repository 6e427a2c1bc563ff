/** Lets commands that come at once happen in one order at a time, another for each seed. */
export function createTurns(seed: number) {
  const waiting: (() => void)[] = []
  let running = 0
  let state = seed
  // mulberry32
  const random = (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) % below
  }
  return {
    /** A number from 0 up to, and without, this one. */
    random,
    async turn<T>(command: () => Promise<T>): Promise<T> {
      await new Promise<void>((resolve) => waiting.push(resolve))
      running += 1
      try {
        return await command()
      } finally {
        running -= 1
      }
    },
    /** Gives out turns, one after the other, until the work is done; `between` looks at what has come of each. */
    async play(work: Promise<unknown>, between: () => Promise<void>): Promise<void> {
      let isDone = false
      const done = work.finally(() => {
        isDone = true
      })
      while (!isDone) {
        await new Promise(setImmediate)
        const [next] = running === 0 && waiting.length > 0 ? waiting.splice(random(waiting.length), 1) : []
        if (!next) continue
        await between()
        next()
      }
      await done
    },
  }
}
