import { foldName } from '../../../platform/text/fold-name.ts'
import type { Profile } from '../store/profile-store.ts'
import { lookUp, notArrived } from './look-up.ts'
import type { Profiles } from './profiles.ts'
import { tombstone } from './tombstone.ts'

/**
 * What other subgraphs' references to users stand for, one for each id: a tombstone where the profile is known to be deleted, an
 * UNAVAILABLE error where nothing is known, because whoever refers to an account says that there is one.
 */
export async function usersById(profiles: Profiles, ids: readonly string[]): Promise<(Profile | Error)[]> {
  const known = await lookUp(profiles, ids)
  return ids.map((id) => {
    const found = known.get(id)
    return found === 'deleted' ? tombstone(id) : (found ?? notArrived())
  })
}

/** The same by username, in any case. */
export async function usersByUsername(profiles: Profiles, usernames: readonly string[]): Promise<(Profile | Error)[]> {
  const found = new Map<string, Profile>()
  for (const profile of await profiles.store.byUsernames(usernames)) found.set(foldName(profile.username), profile)
  const missing = usernames.filter((username) => !found.has(foldName(username)))
  if (missing.length > 0) {
    for (const { id, username } of await profiles.store.deletedByUsernames(missing)) {
      found.set(foldName(username), tombstone(id))
    }
  }
  return usernames.map((username) => found.get(foldName(username)) ?? notArrived())
}
