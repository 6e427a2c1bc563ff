import { type AppError, conflict, notFound, unavailable } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Appearance, Profile } from '../store/profile-store.ts'
import type { Profiles } from './profiles.ts'
import { isNew } from './user-id.ts'

/** Makes the viewer's deleted profile again. Throws UNAUTHENTICATED, CONFLICT when there is one, UNAVAILABLE before the account is known. */
export async function createProfile(profiles: Profiles, viewer: Viewer, appearance: Appearance): Promise<Profile> {
  const { userId } = signedIn(viewer)
  const outcome = await profiles.store.restore(userId, appearance, profiles.now())
  switch (outcome) {
    case 'restored':
      return ownProfile(profiles, userId)
    case 'exists':
      throw conflict('You have a profile already.')
    case 'unknown':
      throw unavailable('Your account is still being set up.')
    default:
      return outcome satisfies never
  }
}

/** Changes what is given. Throws UNAUTHENTICATED, NOT_FOUND without a profile, UNAVAILABLE while a new account has none yet. */
export async function updateProfile(
  profiles: Profiles,
  viewer: Viewer,
  changes: Partial<Appearance>,
): Promise<Profile> {
  const { userId } = signedIn(viewer)
  if (Object.keys(changes).length === 0) return ownProfile(profiles, userId)
  const profile = await profiles.store.update(userId, changes, profiles.now())
  if (!profile) throw noProfile(profiles, userId)
  return profile
}

/** Deletes the viewer's profile and preferences; the username stays theirs. Throws as `updateProfile` does. */
export async function deleteProfile(profiles: Profiles, viewer: Viewer): Promise<void> {
  const { userId } = signedIn(viewer)
  if (!(await profiles.store.remove(userId, profiles.now()))) throw noProfile(profiles, userId)
}

async function ownProfile(profiles: Profiles, userId: string): Promise<Profile> {
  const [profile] = await profiles.store.byIds([userId])
  if (!profile) throw noProfile(profiles, userId)
  return profile
}

/** Why a viewer has no profile: it was deleted, or the event that makes it has not arrived. */
export const noProfile = (profiles: Profiles, userId: string): AppError =>
  isNew(userId, profiles.now()) ? unavailable('Your account is still being set up.') : notFound('Your profile')
