import { type Page, toPage } from '../../../platform/graphql/page.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Profile, UserPage } from '../store/profile-store.ts'
import type { Profiles } from './profiles.ts'
import { waitForProfiles } from './wait-for-profiles.ts'

/** The viewer's own profile; undefined for whoever has none. A new account's is waited for. Throws UNAUTHENTICATED for everyone. */
export async function findOwnProfile(profiles: Profiles, viewer: Viewer): Promise<Profile | undefined> {
  if (viewer === 'anonymous') return undefined
  const { userId } = signedIn(viewer)
  const found = await waitForProfiles(profiles, [userId])
  return found.get(userId)
}

/** A profile by id, shown to whoever is signed in; undefined without one. Throws UNAUTHENTICATED. */
export async function findProfile(profiles: Profiles, viewer: Viewer, id: string): Promise<Profile | undefined> {
  signedIn(viewer)
  const [profile] = await profiles.store.byIds([id])
  return profile
}

/** A profile by username in any case, shown to whoever is signed in; undefined without one. Throws UNAUTHENTICATED. */
export async function findProfileByUsername(profiles: Profiles, viewer: Viewer, username: string) {
  signedIn(viewer)
  const [profile] = await profiles.store.byUsernames([username])
  return profile
}

/** A page of profiles by username, shown to whoever is signed in. Throws UNAUTHENTICATED. */
export async function listProfiles(profiles: Profiles, viewer: Viewer, page: UserPage): Promise<Page<Profile>> {
  signedIn(viewer)
  const found = await profiles.store.list({ ...page, limit: page.limit + 1 })
  return toPage(found, page.limit, page.after !== undefined)
}
