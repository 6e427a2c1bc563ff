/** Begins work of many owners so that none waits for all the work of another. */
export interface FairTurns {
  /**
   * Begins the work when it is its turn; resolves and rejects as it does. An owner whose work has to wait pauses after each piece for as
   * long as the piece took; `pauses: false` is for what many owners share.
   */
  run<T>(owner: string, work: () => Promise<T>, options?: { pauses?: boolean }): Promise<T>
  /** How much waits for its turn. */
  waiting(): number
}

/**
 * How long the work of one turn of the event loop may take before the next piece waits for the next turn, in milliseconds: as long as
 * everything else took since the last one, so that work has half of the time also where the rest is busy; and at least and at most this.
 */
const slice = { least: 2, most: 10 }

interface Owner {
  works: (() => void)[]
  pauses: boolean
  /** The next piece begins at this time at the earliest. */
  notBefore: number
}

/**
 * Begins work at once while there is little. What is more than one turn of the event loop has time for waits, and the owners take turns:
 * one that has a thousand events to complete gets one of them done for each event of another, and leaves half of the time to what runs
 * without turns. The time of a turn counts from its first work on, with all that the work goes on to do in the same turn.
 */
export function createFairTurns(now: () => number = () => performance.now()): FairTurns {
  /** In the order of their turns. */
  const owners = new Map<string, Owner>()
  let waiting = 0
  /** When this turn of the event loop began its first work; undefined while it has begun none. */
  let turnBeganAt: number | undefined
  /** How long that work may take in this turn. */
  let allowed: number = slice.least
  /** When the last piece of work of a turn had nothing more to do in it. */
  let workEndedAt = now()
  /** Whether work that was begun in this turn of the event loop still has something to do in it. */
  let isGoingOn = false
  let timer: NodeJS.Timeout | undefined

  const hasTime = () => !isGoingOn && (turnBeganAt === undefined || now() - turnBeganAt < allowed)
  const countTurn = () => {
    if (turnBeganAt !== undefined) return
    turnBeganAt = now()
    allowed = Math.min(Math.max(turnBeganAt - workEndedAt, slice.least), slice.most)
    setImmediate(() => {
      turnBeganAt = undefined
      beginNext()
    })
  }
  const begin = <T>(owner: Owner, work: () => T): T => {
    countTurn()
    isGoingOn = true
    const beganAt = now()
    afterThis(() => {
      isGoingOn = false
      workEndedAt = now()
      if (owner.pauses) owner.notBefore = 2 * workEndedAt - beganAt
      if (hasTime()) beginNext()
    })
    return work()
  }
  const beginNext = () => {
    const time = now()
    const next = owners.entries().find(([, { notBefore }]) => notBefore <= time)
    if (!next) return waitForPauses()
    const [name, owner] = next
    // It goes to the end of the line.
    owners.delete(name)
    const work = owner.works.shift()
    if (owner.works.length > 0) owners.set(name, owner)
    waiting -= 1
    if (work) begin(owner, work)
  }
  const waitForPauses = () => {
    if (timer || owners.size === 0) return
    const first = Math.min(...owners.values().map(({ notBefore }) => notBefore))
    timer = setTimeout(
      () => {
        timer = undefined
        beginNext()
      },
      Math.max(1, first - now()),
    )
  }
  return {
    run(name, work, { pauses = true } = {}) {
      const owner = owners.get(name) ?? { works: [], pauses, notBefore: 0 }
      if (owner.works.length === 0 && hasTime()) return begin(owner, work)
      return new Promise((resolve, reject) => {
        owner.works.push(() => void work().then(resolve, reject))
        owners.set(name, owner)
        waiting += 1
        countTurn()
      })
    },
    waiting: () => waiting,
  }
}

/** Calls it when everything has run that the current work goes on with in this turn of the event loop. */
const afterThis = (listener: () => void) => queueMicrotask(() => process.nextTick(listener))
