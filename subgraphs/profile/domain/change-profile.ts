import { type AppError, conflict, notFound } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Appearance, Profile } from '../store/profile-store.ts'
import { notArrived } from './look-up.ts'
import type { Profiles } from './profiles.ts'

/** Makes the viewer's deleted profile again. Throws UNAUTHENTICATED, CONFLICT when there is one, UNAVAILABLE while it has not arrived. */
export async function createProfile(profiles: Profiles, viewer: Viewer, appearance: Appearance): Promise<Profile> {
  const { userId } = signedIn(viewer)
  const outcome = await profiles.store.restore(userId, appearance, profiles.now())
  switch (outcome) {
    case 'restored':
      return ownProfile(profiles, userId)
    case 'exists':
      throw conflict('You have a profile already.')
    case 'unknown':
      throw notArrived()
    default:
      return outcome satisfies never
  }
}

/** Changes what is given. Throws UNAUTHENTICATED, NOT_FOUND once it was deleted, UNAVAILABLE while it has not arrived. */
export async function updateProfile(
  profiles: Profiles,
  viewer: Viewer,
  changes: Partial<Appearance>,
): Promise<Profile> {
  const { userId } = signedIn(viewer)
  if (Object.keys(changes).length === 0) return ownProfile(profiles, userId)
  const profile = await profiles.store.update(userId, changes, profiles.now())
  if (!profile) throw await noProfile(profiles, userId)
  return profile
}

/** Deletes the viewer's profile and preferences; the username stays theirs. Throws as `updateProfile` does. */
export async function deleteProfile(profiles: Profiles, viewer: Viewer): Promise<void> {
  const { userId } = signedIn(viewer)
  if (!(await profiles.store.remove(userId, profiles.now()))) throw await noProfile(profiles, userId)
}

async function ownProfile(profiles: Profiles, userId: string): Promise<Profile> {
  const [profile] = await profiles.store.byIds([userId])
  if (!profile) throw await noProfile(profiles, userId)
  return profile
}

/** Why a viewer has no profile: it was deleted, or the event that makes it has not arrived. */
export async function noProfile({ store }: Profiles, userId: string): Promise<AppError> {
  const isDeleted = (await store.deletedByIds([userId])).length > 0
  return isDeleted ? notFound('Your profile') : notArrived()
}
