import type { Fault } from '../verdict/faults.ts'
import type { Ending } from './subscription.ts'

/** Who followed, when their subscription ended. */
export interface Follower {
  /** The subscription told that its viewer was removed. */
  isRemoved: boolean
  /** The viewer may be removed at any time, and then is refused until they are a member again. */
  mayBeRemoved: boolean
  /** A restore may have undone memberships that were seen. */
  isRestored?: boolean
}

const refusals = new Set(['FORBIDDEN', 'NOT_FOUND'])

/** What is wrong with how a subscription ended; undefined when nothing is. */
export function faultIn(ending: Ending, { isRemoved, mayBeRemoved, isRestored }: Follower): Fault | undefined {
  if (ending.how === 'closed') return undefined
  // A removal completes. Chat may have died between the removal and the end.
  if (isRemoved) return ending.how === 'errors' && ending.code !== 'UNAVAILABLE' ? 'notEnded' : undefined
  if (mayBeRemoved && isRestored) return undefined
  if (ending.how === 'completed') return 'refused'
  return refusals.has(ending.code) && !mayBeRemoved ? 'refused' : undefined
}

export const nameOf = (ending: Ending): string => (ending.how === 'completed' ? 'completed' : String(ending.code))
