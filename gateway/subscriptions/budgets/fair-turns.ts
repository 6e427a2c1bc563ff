/** Begins work of many owners so that none waits for all the work of another. */
export interface FairTurns {
  /** Begins the work when it is its turn; resolves and rejects as it does. */
  run<T>(owner: string, work: () => Promise<T>): Promise<T>
  /** How much waits for its turn. */
  waiting(): number
}

/** How long work is begun in one turn of the event loop, in milliseconds, before other things get their turn. */
const sliceOfTurn = 5

/**
 * Work is begun at once while there is little. What is more than one turn of the event loop has time for waits, and the owners take turns:
 * one that has a thousand events to complete gets one of them done for each event of another.
 */
export function createFairTurns(now: () => number = () => performance.now()): FairTurns {
  /** In the order of their turns. */
  const owners = new Map<string, (() => void)[]>()
  let waiting = 0
  let spent = 0
  let isScheduled = false

  const schedule = () => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(beginTurn)
  }
  const beginTurn = () => {
    isScheduled = false
    spent = 0
    while (owners.size > 0 && spent < sliceOfTurn) {
      const [[owner, works]] = owners as unknown as [[string, (() => void)[]]]
      const work = works.shift()
      waiting -= 1
      // It goes to the end of the line.
      owners.delete(owner)
      if (works.length > 0) owners.set(owner, works)
      work?.()
    }
    if (owners.size > 0) schedule()
  }
  const begin = <T>(work: () => Promise<T>): Promise<T> => {
    const start = now()
    const result = work()
    spent += now() - start
    // What is spent counts for this turn of the event loop.
    schedule()
    return result
  }
  return {
    run(owner, work) {
      if (owners.size === 0 && spent < sliceOfTurn) return begin(work)
      return new Promise((resolve, reject) => {
        const works = owners.get(owner) ?? []
        works.push(() => void begin(work).then(resolve, reject))
        owners.set(owner, works)
        waiting += 1
        schedule()
      })
    },
    waiting: () => waiting,
  }
}
