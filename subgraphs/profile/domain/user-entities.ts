import { foldName } from '../../../platform/text/fold-name.ts'
import type { Profile } from '../store/profile-store.ts'
import type { Profiles } from './profiles.ts'
import { tombstone } from './tombstone.ts'
import { waitForProfiles } from './wait-for-profiles.ts'

/** What other subgraphs' references to users stand for, one for each id; a tombstone where there is no profile. */
export async function usersById(profiles: Profiles, ids: readonly string[]): Promise<Profile[]> {
  const found = await waitForProfiles(profiles, ids)
  return ids.map((id) => found.get(id) ?? tombstone(id))
}

/**
 * The same by username, in any case. One whose profile was deleted gives the tombstone of its account; one that never existed
 * gives null, because no id stands behind it.
 */
export async function usersByUsername(profiles: Profiles, usernames: readonly string[]): Promise<(Profile | null)[]> {
  const found = new Map<string, Profile>()
  for (const profile of await profiles.store.byUsernames(usernames)) found.set(foldName(profile.username), profile)
  const missing = usernames.filter((username) => !found.has(foldName(username)))
  if (missing.length > 0) {
    for (const { id, username } of await profiles.store.deletedByUsernames(missing)) {
      found.set(foldName(username), tombstone(id))
    }
  }
  return usernames.map((username) => found.get(foldName(username)) ?? null)
}
