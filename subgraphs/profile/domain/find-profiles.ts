import { type Page, toPage } from '../../../platform/graphql/page.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Profile, UserPage } from '../store/profile-store.ts'
import { lookUp, notArrived, notHeard } from './look-up.ts'
import type { Profiles } from './profiles.ts'
import { mayStillArrive } from './user-id.ts'

/**
 * The viewer's own profile; undefined for whoever has deleted it, and for the anonymous. Throws UNAVAILABLE while it has not arrived: a
 * viewer has an account. Throws UNAUTHENTICATED for everyone.
 */
export async function findOwnProfile(profiles: Profiles, viewer: Viewer): Promise<Profile | undefined> {
  if (viewer === 'anonymous') return undefined
  const { userId } = signedIn(viewer)
  const known = (await lookUp(profiles, [userId])).get(userId)
  if (known === undefined) throw notArrived()
  return known === 'deleted' ? undefined : known
}

/**
 * A profile by id, shown to whoever is signed in; undefined when it was deleted or there is no such account. Throws UNAVAILABLE while an
 * account of that id may still arrive. Throws UNAUTHENTICATED.
 */
export async function findProfile(profiles: Profiles, viewer: Viewer, id: string): Promise<Profile | undefined> {
  signedIn(viewer)
  const known = (await lookUp(profiles, [id])).get(id)
  if (known === undefined && mayStillArrive(id, profiles.now())) throw notArrived()
  return known === 'deleted' ? undefined : known
}

/**
 * A profile by username in any case, shown to whoever is signed in; undefined without one. Throws UNAVAILABLE for an unknown one while
 * accounts are not heard of: a name does not tell when its account was made. Throws UNAUTHENTICATED.
 */
export async function findProfileByUsername(profiles: Profiles, viewer: Viewer, username: string) {
  signedIn(viewer)
  const [profile] = await profiles.store.byUsernames([username])
  if (!profile && !profiles.hears()) throw notHeard()
  return profile
}

/** A page of profiles by username, shown to whoever is signed in. Throws UNAUTHENTICATED. */
export async function listProfiles(profiles: Profiles, viewer: Viewer, page: UserPage): Promise<Page<Profile>> {
  signedIn(viewer)
  const { store } = profiles
  const { after, search, limit } = page
  const [found, cameAfter] = await Promise.all([
    store.list({ ...page, limit: limit + 1 }),
    after !== undefined && store.hasUpTo(after, search),
  ])
  return toPage(found, limit, cameAfter)
}
