import type { Profile } from '../store/profile-store.ts'
import type { Profiles } from './profiles.ts'
import { isNew } from './user-id.ts'

/** How long a new account's profile is waited for, and how long one look waits for the next, in milliseconds. */
/** Well below what a gateway gives to an event: one late profile must not cost the names of all others. */
const patience = 700
const lookAgain = 100

/** The profiles by id. One that is missing and whose account is new is waited for, up to two seconds. */
export async function waitForProfiles(profiles: Profiles, ids: readonly string[]): Promise<Map<string, Profile>> {
  const found = new Map<string, Profile>()
  const deadline = profiles.now().getTime() + patience
  for (let missing = [...ids]; missing.length > 0; ) {
    for (const profile of await profiles.store.byIds(missing)) found.set(profile.id, profile)
    const now = profiles.now()
    missing = missing.filter((id) => !found.has(id) && isNew(id, now))
    const left = deadline - now.getTime()
    if (missing.length === 0 || left <= 0) break
    await profiles.arrivals.next(Math.min(lookAgain, left))
  }
  return found
}
