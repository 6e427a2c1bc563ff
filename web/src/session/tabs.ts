import type { SignedInPartsFragment } from '../generated/graphql.ts'
import { sharedLocks } from '../secure-context.ts'
import { withLease } from './lease.ts'

/** The tabs of this browser: they share the refresh cookie, and each has its own access token. */
export interface Tabs {
  /**
   * Runs the work while no other tab runs its own, so that the cookies of several answers are set in the order of the requests. A tab
   * that does not get its turn in time runs the work all the same: the server bears it.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Tells the other tabs of the session as this tab has just renewed it. */
  tell(signedIn: SignedInPartsFragment): void
  /** Calls the listener with what another tab tells. */
  onTold(listener: (signedIn: SignedInPartsFragment) => void): void
}

const name = 'parley-session'
const turnWithin = 20_000

/** The tabs of this origin. Web Locks are there in secure contexts only; on a plain http origin a lease takes their place. */
export function openTabs(): Tabs {
  // Open for as long as the page.
  const channel = new BroadcastChannel(name)
  return {
    inTurn: (work) => {
      const locks = sharedLocks()
      return locks ? withLock(locks, work) : withLease(name, turnWithin, work)
    },
    tell: (signedIn) => channel.postMessage(signedIn),
    onTold: (listener) => channel.addEventListener('message', ({ data }) => listener(data)),
  }
}

async function withLock<T>(locks: LockManager, work: () => Promise<T>): Promise<T> {
  let hasBegun = false
  const begin = () => {
    hasBegun = true
    return work()
  }
  try {
    return await locks.request(name, { signal: AbortSignal.timeout(turnWithin) }, begin)
  } catch (error) {
    if (hasBegun) throw error
    return work()
  }
}
