import type { Profile } from '../store/profile-store.ts'
import { madeAt } from './user-id.ts'

/** What stands for a user whose profile is known to be deleted. */
export function tombstone(userId: string): Profile {
  const createdAt = madeAt(userId)
  return {
    id: userId,
    username: `deleted-${userId}`.slice(0, 50),
    displayName: 'Deleted account',
    avatarUrl: null,
    statusMessage: null,
    createdAt,
    updatedAt: createdAt,
  }
}
