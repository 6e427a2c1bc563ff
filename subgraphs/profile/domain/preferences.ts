import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Preferences } from '../store/profile-store.ts'
import { noProfile } from './change-profile.ts'
import type { Profiles } from './profiles.ts'

/** What holds until the user chooses. */
const defaults: Preferences = { theme: 'SYSTEM', locale: 'en', notifications: true, readReceipts: true }

/** The preferences of this user, shown to the user alone; null for anyone else, and without a profile. Throws UNAUTHENTICATED for everyone. */
export async function preferencesOf(profiles: Profiles, viewer: Viewer, userId: string): Promise<Preferences | null> {
  if (viewer === 'anonymous' || signedIn(viewer).userId !== userId) return null
  const chosen = await profiles.store.preferences(userId)
  return chosen ? { ...defaults, ...chosen } : null
}

/** Changes what is given. Throws as `updateProfile` does. */
export async function updatePreferences(
  profiles: Profiles,
  viewer: Viewer,
  changes: Partial<Preferences>,
): Promise<Preferences> {
  const { userId } = signedIn(viewer)
  const chosen = await profiles.store.prefer(userId, changes)
  if (!chosen) throw await noProfile(profiles, userId)
  return { ...defaults, ...chosen }
}
