import { unavailable } from '../../platform/errors/app-error.ts'

/** Begins work of many owners so that none waits for all the work of another. */
export interface FairTurns {
  /**
   * Begins the work when it is its turn; resolves and rejects as it does. An owner pauses after each piece for as long as the piece took;
   * `pauses: false` is for what many owners share. When the signal aborts before the work has begun, it never begins: then this throws
   * `UNAVAILABLE`.
   */
  run<T>(owner: string, work: () => Promise<T>, options?: { pauses?: boolean; signal?: AbortSignal }): Promise<T>
  /** How much waits for its turn. */
  waiting(): number
}

/**
 * How long the work of one turn of the event loop may take before the next piece waits for the next turn, in milliseconds: as long as
 * everything else took since the last one, so that work has half of the time also where the rest is busy; and at least and at most this.
 */
const slice = { least: 2, most: 10 }

/** Shorter pauses, in milliseconds, are not kept: what is left of the turn bounds such pieces. */
const shortestPause = 1

interface Owner {
  /** In the order in which they were asked for. */
  works: Set<() => void>
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
  /** Those who wait or pause, in the order of their turns. */
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
  let timerAt = Number.POSITIVE_INFINITY

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
  const begin = <T>(name: string, owner: Owner, work: () => T): T => {
    countTurn()
    isGoingOn = true
    const beganAt = now()
    afterThis(() => {
      isGoingOn = false
      workEndedAt = now()
      if (owner.pauses) pause(name, owner, workEndedAt - beganAt)
      if (hasTime()) beginNext()
    })
    return work()
  }
  const pause = (name: string, owner: Owner, took: number) => {
    // Some of its work may have come meanwhile.
    const kept = owners.get(name)
    if (!kept && took < shortestPause) return
    const pausing = kept ?? owner
    pausing.notBefore = now() + took
    owners.set(name, pausing)
    if (!kept) waitForPauses()
  }
  const beginNext = () => {
    const time = now()
    const next = owners.entries().find(([, { works, notBefore }]) => works.size > 0 && notBefore <= time)
    if (!next) return waitForPauses()
    const [name, owner] = next
    const [work] = owner.works
    // It goes to the end of the line.
    owners.delete(name)
    if (!work) return
    remove(name, owner, work)
    begin(name, owner, work)
  }
  const remove = (name: string, owner: Owner, work: () => void) => {
    if (!owner.works.delete(work)) return
    waiting -= 1
    if (owner.works.size > 0) owners.set(name, owner)
    else if (owner.notBefore <= now()) owners.delete(name)
  }
  /** Looks again when the first pause ends. */
  const waitForPauses = () => {
    const first = Math.min(...owners.values().map(({ notBefore }) => notBefore))
    if (first >= timerAt || owners.size === 0) return
    clearTimeout(timer)
    timerAt = first
    timer = setTimeout(endPauses, Math.max(1, first - now()))
  }
  const endPauses = () => {
    timerAt = Number.POSITIVE_INFINITY
    const time = now()
    for (const [name, { works, notBefore }] of owners) if (works.size === 0 && notBefore <= time) owners.delete(name)
    // Else the next turn of the event loop goes on.
    if (hasTime()) beginNext()
  }
  return {
    run(name, work, { pauses = true, signal } = {}) {
      if (signal?.aborted) return Promise.reject(tooLate())
      const owner = owners.get(name) ?? { works: new Set(), pauses, notBefore: 0 }
      if (owner.works.size === 0 && owner.notBefore <= now() && hasTime()) return begin(name, owner, work)
      return new Promise((resolve, reject) => {
        const start = () => {
          signal?.removeEventListener('abort', leave)
          void work().then(resolve, reject)
        }
        const leave = () => {
          remove(name, owner, start)
          reject(tooLate())
        }
        signal?.addEventListener('abort', leave, { once: true })
        owner.works.add(start)
        owners.set(name, owner)
        waiting += 1
        countTurn()
      })
    },
    waiting: () => waiting,
  }
}

const tooLate = () => unavailable('It was not the turn of this operation in time. Try again soon.')

/** Calls it when everything has run that the current work goes on with in this turn of the event loop. */
const afterThis = (listener: () => void) => queueMicrotask(() => process.nextTick(listener))
