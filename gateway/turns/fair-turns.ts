import { unavailable } from '../../platform/errors/app-error.ts'

/** Whose work it is. The groups take turns, and within a group its owners: many owners of one group have no more turns than one of another. */
export interface TurnOwner {
  group: string
  name: string
}

/** Begins work of many owners so that none waits for all the work of another. */
export interface FairTurns {
  /**
   * Begins the work when it is its turn; resolves and rejects as it does. An owner pauses after each piece for as long as the piece took;
   * `pauses: false` is for what many owners share. When the signal aborts before the work has begun, it never begins: then this throws
   * `UNAVAILABLE`.
   */
  run<T>(owner: TurnOwner, work: () => Promise<T>, options?: { pauses?: boolean; signal?: AbortSignal }): Promise<T>
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

interface Owner extends TurnOwner {
  /** In the order in which they were asked for. */
  works: Set<() => void>
  pauses: boolean
  /** The next piece begins at this time at the earliest. */
  notBefore: number
}

/**
 * Begins work at once while there is little. What is more than one turn of the event loop has time for waits, and the groups take turns,
 * and the owners within each: a group that has a thousand events to complete gets one of them done for each event of another. An owner
 * leaves half of the time to what runs without turns. The time of a turn counts from its first work on, with all that the work goes on to
 * do in the same turn.
 */
export function createFairTurns(now: () => number = () => performance.now()): FairTurns {
  const lines = createLines()
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
  const begin = <T>(owner: Owner, work: () => T): T => {
    countTurn()
    lines.moveToEnd(owner.group)
    isGoingOn = true
    const beganAt = now()
    afterThis(() => {
      isGoingOn = false
      workEndedAt = now()
      if (owner.pauses) pause(owner, workEndedAt - beganAt)
      if (hasTime()) beginNext()
    })
    return work()
  }
  const pause = (owner: Owner, took: number) => {
    // Some of its work may have come meanwhile.
    const kept = lines.get(owner)
    if (!kept && took < shortestPause) return
    const pausing = kept ?? owner
    pausing.notBefore = now() + took
    lines.put(pausing)
    if (!kept) waitForPauses()
  }
  const beginNext = () => {
    const time = now()
    const owner = lines.owners().find(({ works, notBefore }) => works.size > 0 && notBefore <= time)
    if (!owner) return waitForPauses()
    const [work] = owner.works
    // It goes to the end of the line.
    lines.drop(owner)
    if (!work) return
    remove(owner, work)
    begin(owner, work)
  }
  const remove = (owner: Owner, work: () => void) => {
    if (!owner.works.delete(work)) return
    waiting -= 1
    if (owner.works.size > 0) lines.put(owner)
    else if (owner.notBefore <= now()) lines.drop(owner)
  }
  /** Looks again when the first pause ends. */
  const waitForPauses = () => {
    const first = lines.owners().reduce((least, { notBefore }) => Math.min(least, notBefore), Number.POSITIVE_INFINITY)
    if (first >= timerAt) return
    clearTimeout(timer)
    timerAt = first
    timer = setTimeout(endPauses, Math.max(1, first - now()))
  }
  const endPauses = () => {
    timerAt = Number.POSITIVE_INFINITY
    const time = now()
    for (const owner of lines.owners()) if (owner.works.size === 0 && owner.notBefore <= time) lines.drop(owner)
    // Else the next turn of the event loop goes on.
    if (hasTime()) beginNext()
  }
  return {
    run({ group, name }, work, { pauses = true, signal } = {}) {
      if (signal?.aborted) return Promise.reject(tooLate())
      const owner = lines.get({ group, name }) ?? { group, name, works: new Set(), pauses, notBefore: 0 }
      if (!lines.hasWork(group) && owner.notBefore <= now() && hasTime()) return begin(owner, work)
      return new Promise((resolve, reject) => {
        const start = () => {
          signal?.removeEventListener('abort', leave)
          void work().then(resolve, reject)
        }
        const leave = () => {
          remove(owner, start)
          reject(tooLate())
        }
        signal?.addEventListener('abort', leave, { once: true })
        owner.works.add(start)
        lines.put(owner)
        waiting += 1
        countTurn()
      })
    },
    waiting: () => waiting,
  }
}

/** Those who wait or pause: the groups in the order of their turns, and the owners of each in the order of theirs. */
function createLines() {
  const groups = new Map<string, Map<string, Owner>>()
  return {
    get: ({ group, name }: TurnOwner) => groups.get(group)?.get(name),
    /** In the order in which they are looked at. */
    owners: () => groups.values().flatMap((line) => line.values()),
    hasWork: (group: string) =>
      groups
        .get(group)
        ?.values()
        .some(({ works }) => works.size > 0) === true,
    put(owner: Owner) {
      const line = groups.get(owner.group) ?? new Map<string, Owner>()
      groups.set(owner.group, line.set(owner.name, owner))
    },
    drop({ group, name }: TurnOwner) {
      const line = groups.get(group)
      line?.delete(name)
      if (line?.size === 0) groups.delete(group)
    },
    moveToEnd(group: string) {
      const line = groups.get(group)
      groups.delete(group)
      if (line) groups.set(group, line)
    },
  }
}

const tooLate = () => unavailable('It was not the turn of this operation in time. Try again soon.')

/** Calls it when everything has run that the current work goes on with in this turn of the event loop. */
const afterThis = (listener: () => void) => queueMicrotask(() => process.nextTick(listener))
