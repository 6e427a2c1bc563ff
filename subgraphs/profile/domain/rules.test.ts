import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
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
  keyId: 'key',
  expiresAt: 0,
})

let profiles: Profiles
let ann: SignedInUser
beforeEach(async () => {
  profiles = {
    store: openSqliteProfileStore(':memory:'),
    arrivals: createArrivals(100),
    hears: () => true,
    now: () => now,
  }
  ann = viewerMadeAgo(60_000)
  await profiles.store.add({ id: ann.userId, username: 'ann', displayName: 'Ann' }, now)
})
afterEach(() => profiles.store.close())

const refused = { code: 'UNAUTHENTICATED' }

it('says of an unknown username that there is none only while accounts are heard of', async () => {
  expect(await findProfileByUsername(profiles, ann, 'nobody')).toBeUndefined()
  profiles.hears = () => false
  expect(await findProfileByUsername(profiles, ann, 'ANN')).toMatchObject({ id: ann.userId })
  await expect(findProfileByUsername(profiles, ann, 'nobody')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

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

describe('a viewer whose profile is unknown', () => {
  const everyDoor: [string, (viewer: SignedInUser) => Promise<unknown>][] = [
    ['reading it', (viewer) => findOwnProfile(profiles, viewer)],
    ['making it again', (viewer) => createProfile(profiles, viewer, appearance)],
    ['changing nothing of it', (viewer) => updateProfile(profiles, viewer, {})],
    ['changing it', (viewer) => updateProfile(profiles, viewer, { displayName: 'x' })],
    ['deleting it', (viewer) => deleteProfile(profiles, viewer)],
    ['choosing preferences', (viewer) => updatePreferences(profiles, viewer, { theme: 'DARK' })],
  ]

  it.each(everyDoor)('is told that it has not arrived, however old the account is: %s', async (_, door) => {
    for (const age of [0, 60_000, 90 * 86_400_000])
      await expect(door(viewerMadeAgo(age))).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { retryAfter: 1 } })
  })

  it.each(everyDoor.slice(2))('is told that there is none once it was deleted: %s', async (_, door) => {
    await deleteProfile(profiles, ann)
    await expect(door(ann)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await findOwnProfile(profiles, ann)).toBeUndefined()
  })
})

describe('a profile looked up by id', () => {
  it('may still arrive when the account was made within a day, and does not exist when it was made before', async () => {
    for (const age of [0, 60_000, 3_600_000])
      await expect(findProfile(profiles, ann, viewerMadeAgo(age).userId)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await findProfile(profiles, ann, viewerMadeAgo(90 * 86_400_000).userId)).toBeUndefined()
  })

  it('is undefined once it was deleted', async () => {
    await deleteProfile(profiles, ann)
    expect(await findProfile(profiles, ann, ann.userId)).toBeUndefined()
  })
})

describe('a page of profiles', () => {
  it('tells truly whether something lies before and after it, whatever the cursor', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 8 }),
        fc.option(name, { nil: undefined }),
        fc.option(name, { nil: undefined }),
        fc.integer({ min: 1, max: 4 }),
        async (names, search, after, limit) => {
          const fresh = { ...profiles, store: openSqliteProfileStore(':memory:') }
          for (const username of names) await fresh.store.add({ id: v7(), username, displayName: '-' }, now)
          const page = await listProfiles(fresh, ann, { search, after, limit })
          await fresh.store.close()
          const all = names.filter((each) => each.startsWith(search ?? '')).sort()
          const later = all.filter((each) => after === undefined || each > after)
          expect({ ...page, items: page.items.map(({ username }) => username) }).toEqual({
            items: later.slice(0, limit),
            hasNextPage: later.length > limit,
            hasPreviousPage: later.length < all.length,
          })
        },
      ),
    )
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
