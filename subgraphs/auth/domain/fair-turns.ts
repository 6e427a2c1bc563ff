import { tooManyRequests, unavailable } from '../../../platform/errors/app-error.ts'
import { addressGroup } from '../../../platform/http/address-group.ts'

/** For whom work is done. The account is the one that was named, whether or not it exists. */
export interface TurnOwner {
  account: string
  ip: string | null
}

export interface TurnBounds {
  /** How many turns run at once, of these at most one for each account. */
  running: number
  /** How many wait, over all owners. */
  waiting: number
  /** How many wait for one account. */
  waitingPerAccount: number
}

export type InTurn = <T>(owner: TurnOwner, work: () => Promise<T>) => Promise<T>

interface Waiting {
  account: string
  address: string
  start(): void
  refuse(error: Error): void
}

/**
 * Shares a few places among owners, so that no account and no address keeps the others out. An account has one turn at a time and few
 * that wait; past these its work is refused with `TOO_MANY_REQUESTS`. Addresses are served in rotation. When the queue is full, the
 * address with the most waiting work loses its newest, or else the new work is refused, with `UNAVAILABLE`.
 */
export function createFairTurns({ running, waiting, waitingPerAccount }: TurnBounds): InTurn {
  // An address that has just been served moves to the end.
  const queues = new Map<string, Waiting[]>()
  const busy = new Set<string>()

  const startNext = () => {
    for (const [address, queue] of queues) {
      const index = queue.findIndex(({ account }) => !busy.has(account))
      const next = queue[index]
      if (!next) continue
      queue.splice(index, 1)
      queues.delete(address)
      if (queue.length > 0) queues.set(address, queue)
      busy.add(next.account)
      next.start()
      return
    }
  }
  const makeRoomFor = (address: string) => {
    const all = [...queues.values()]
    if (all.reduce((sum, { length }) => sum + length, 0) < waiting) return
    const own = queues.get(address)?.length ?? 0
    const longest = all.reduce((most, queue) => (queue.length > most.length ? queue : most))
    const error = unavailable('Too many sign-ins at once: try again soon.', 2)
    if (longest.length <= own + 1) throw error
    longest.pop()?.refuse(error)
  }
  const waitForTurn = (account: string, address: string) => {
    const ofAccount = [...queues.values()].flat().filter((other) => other.account === account)
    if (ofAccount.length >= waitingPerAccount) throw tooManyRequests(2)
    makeRoomFor(address)
    return new Promise<void>((start, refuse) => {
      queues.set(address, [...(queues.get(address) ?? []), { account, address, start, refuse }])
    })
  }
  return async ({ account, ip }, work) => {
    if (busy.size < running && !busy.has(account)) busy.add(account)
    else await waitForTurn(account, addressGroup(ip))
    try {
      return await work()
    } finally {
      busy.delete(account)
      startNext()
    }
  }
}
