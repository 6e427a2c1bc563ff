import { unavailable } from '../../../platform/errors/app-error.ts'
import type { Profile } from '../store/profile-store.ts'
import type { Profiles } from './profiles.ts'
import { isNew } from './user-id.ts'

/**
 * How long the profile of a new account is waited for, in milliseconds. Well below what a gateway gives to an event: one late profile
 * must not cost the names of all others.
 */
const timeout = 700
/** How long one look waits for the next at most, in milliseconds. */
export const lookAgain = 100

/** What the store knows of each id. An id that it knows nothing of has no entry: never made, or not arrived yet. */
export type Known = Map<string, Profile | 'deleted'>

/** Looks the ids up. One that is unknown and whose account is new is waited for, up to 0.7 seconds. */
export async function lookUp(profiles: Profiles, ids: readonly string[]): Promise<Known> {
  const { store, arrivals, now } = profiles
  const known: Known = new Map()
  // By a clock that nobody sets.
  const deadline = performance.now() + timeout
  for (let missing = [...new Set(ids)]; missing.length > 0; ) {
    for (const profile of await store.byIds(missing)) known.set(profile.id, profile)
    missing = missing.filter((id) => !known.has(id))
    if (missing.length > 0) for (const id of await store.deletedByIds(missing)) known.set(id, 'deleted')
    const at = now()
    missing = missing.filter((id) => !known.has(id) && isNew(id, at))
    if (missing.length === 0 || performance.now() >= deadline) break
    if (!(await arrivals.next())) break
  }
  return known
}

/** What to answer about a user that is known to exist, when the event that makes the profile has not arrived yet. */
export const notArrived = () => unavailable('The profile of this account has not arrived yet.')

/** What to answer about a name that nobody is known to have, while new accounts are not heard of. */
export const notHeard = () =>
  unavailable('New accounts are not heard of right now: somebody may have this name. Try again.')
