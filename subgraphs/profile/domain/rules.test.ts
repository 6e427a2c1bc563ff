import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 } from 'uuid'
import type { SignedInUser } from '../../../platform/identity/viewer.ts'
import { openSqliteProfileStore } from '../store/profile-store.sqlite.ts'
import { createArrivals } from './arrivals.ts'
import { createProfile, deleteProfile, updateProfile } from './change-profile.ts'
import { findOwnProfile, findProfile, findProfileByUsername, listProfiles } from './find-profiles.ts'
import { preferencesOf, updatePreferences } from './preferences.ts'
import type { Profiles } from './profiles.ts'

const appearance = { displayName: 'Ann', avatarUrl: null, statusMessage: null }
const now = new Date('2026-01-02T03:04:05.000Z')
const viewerMadeAgo = (milliseconds: number): SignedInUser => ({
  userId: v7({ msecs: now.getTime() - milliseconds }),
  sessionId: v7(),
  expiresAt: 0,
})

let profiles: Profiles
let ann: SignedInUser
beforeEach(async () => {
  profiles = { store: openSqliteProfileStore(':memory:'), arrivals: createArrivals(), now: () => now }
  ann = viewerMadeAgo(60_000)
  await profiles.store.add({ id: ann.userId, username: 'ann', displayName: 'Ann' }, now)
})
afterEach(() => profiles.store.close())

const refused = { code: 'UNAUTHENTICATED' }

describe.each(['anonymous', 'everyone'] as const)('viewers who are not signed in: %s', (viewer) => {
  it('see no profiles and change none', async () => {
    await expect(findProfile(profiles, viewer, ann.userId)).rejects.toMatchObject(refused)
    await expect(findProfileByUsername(profiles, viewer, 'ann')).rejects.toMatchObject(refused)
    await expect(listProfiles(profiles, viewer, { limit: 1 })).rejects.toMatchObject(refused)
    await expect(createProfile(profiles, viewer, appearance)).rejects.toMatchObject(refused)
    await expect(updateProfile(profiles, viewer, {})).rejects.toMatchObject(refused)
    await expect(deleteProfile(profiles, viewer)).rejects.toMatchObject(refused)
    await expect(updatePreferences(profiles, viewer, {})).rejects.toMatchObject(refused)
  })
})

describe('what is the viewer’s own', () => {
  it('is nothing to the anonymous', async () => {
    expect(await findOwnProfile(profiles, 'anonymous')).toBeUndefined()
    expect(await preferencesOf(profiles, 'anonymous', ann.userId)).toBeNull()
  })

  it('is refused to everyone: one answer would stand for all', async () => {
    await expect(findOwnProfile(profiles, 'everyone')).rejects.toMatchObject(refused)
    await expect(preferencesOf(profiles, 'everyone', ann.userId)).rejects.toMatchObject(refused)
  })
})

describe('preferences', () => {
  it('are shown to their owner alone', async () => {
    await updatePreferences(profiles, ann, { theme: 'DARK' })
    const bob = viewerMadeAgo(60_000)
    expect(await preferencesOf(profiles, bob, ann.userId)).toBeNull()
    expect(await preferencesOf(profiles, ann, ann.userId)).toEqual({
      theme: 'DARK',
      locale: 'en',
      notifications: true,
      readReceipts: true,
    })
  })
})

describe('a viewer without a profile', () => {
  it('is told to wait while the account is new, and that there is none afterwards', async () => {
    for (const [viewer, code] of [
      [viewerMadeAgo(0), 'UNAVAILABLE'],
      [viewerMadeAgo(60_000), 'NOT_FOUND'],
    ] as const) {
      await expect(updateProfile(profiles, viewer, {})).rejects.toMatchObject({ code })
      await expect(updateProfile(profiles, viewer, { displayName: 'x' })).rejects.toMatchObject({ code })
      await expect(deleteProfile(profiles, viewer)).rejects.toMatchObject({ code })
      await expect(updatePreferences(profiles, viewer, { theme: 'DARK' })).rejects.toMatchObject({ code })
    }
  })

  it('cannot make one before the account is known', async () => {
    await expect(createProfile(profiles, viewerMadeAgo(60_000), appearance)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { retryAfter: 1 },
    })
  })
})

describe('changing a profile', () => {
  it('without a change does not touch it', async () => {
    profiles.now = () => new Date(now.getTime() + 1000)
    expect(await updateProfile(profiles, ann, {})).toMatchObject({ updatedAt: now })
    expect(await updateProfile(profiles, ann, { displayName: 'Anna' })).toMatchObject({ updatedAt: profiles.now() })
  })

  it('makes it again only after it was deleted', async () => {
    await expect(createProfile(profiles, ann, appearance)).rejects.toMatchObject({ code: 'CONFLICT' })
    await deleteProfile(profiles, ann)
    expect(await createProfile(profiles, ann, { ...appearance, displayName: 'Back' })).toMatchObject({
      id: ann.userId,
      username: 'ann',
      displayName: 'Back',
    })
  })
})
