import { and, asc, eq, getTableColumns, gt, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { type Drizzle, openMysqlDatabase } from '../../../platform/storage/database.mysql.ts'
import { isDuplicate, isOrphan } from '../../../platform/storage/failures.mysql.ts'
import { withoutQueries } from '../../../platform/storage/query-errors.ts'
import { foldName } from '../../../platform/text/fold-name.ts'
import { endOfPrefix } from '../../../platform/text/prefix-range.ts'
import type { Appearance, Preferences, ProfileStore } from './profile-store.ts'
import { deletedProfiles, preferences, profileKeys, profiles } from './tables.mysql.ts'

const profileColumns = getTableColumns(profiles)
const { userId: _, ...preferenceColumns } = getTableColumns(preferences)

/** A `ProfileStore` in a database that `migrateProfileStore` has prepared, which other components may use too. */
export function openMysqlProfileStore(options: { url: string; connections?: number }): ProfileStore {
  const { drizzle, transaction, ready, close } = openMysqlDatabase(options)
  const keyed = (where: SQL | undefined) =>
    drizzle.select(profileColumns).from(profileKeys).innerJoin(profiles, eq(profiles.id, profileKeys.id)).where(where)

  const store: ProfileStore = {
    async add({ id, username, displayName }, at) {
      try {
        return await transaction(async (tx) => {
          const reserved = await reservation(tx, id, username)
          if (reserved) return reserved
          await insert(tx, id, username, { displayName, avatarUrl: null, statusMessage: null }, at)
          // Once more: until this row had the username, a profile of that name could be deleted.
          const reservedSince = await reservation(tx, id, username)
          if (reservedSince) await tx.delete(profiles).where(eq(profiles.id, id))
          return reservedSince ?? 'added'
        })
      } catch (error) {
        if (!isDuplicate(error)) throw error
        return (await stateOf(drizzle, id)) === undefined ? 'username taken' : 'known'
      }
    },
    restore: (id, appearance, at) =>
      transaction(async (tx) => {
        const state = await stateOf(tx, id)
        if (state !== 'deleted') return state === 'live' ? 'exists' : 'unknown'
        const [reserved] = await tx.select().from(deletedProfiles).where(eq(deletedProfiles.id, id)).for('update')
        // Somebody else has restored it since.
        if (!reserved) return 'exists'
        await tx.delete(deletedProfiles).where(eq(deletedProfiles.id, id))
        await insert(tx, id, reserved.username, appearance, at)
        return 'restored'
      }),
    update: (id, changes, at) =>
      transaction(async (tx) => {
        await tx
          .update(profiles)
          .set({ ...changes, updatedAt: at })
          .where(eq(profiles.id, id))
        if (changes.displayName !== undefined) {
          const displayNameKey = foldName(changes.displayName)
          await tx.update(profileKeys).set({ displayNameKey }).where(eq(profileKeys.id, id))
        }
        const [profile] = await tx.select().from(profiles).where(eq(profiles.id, id))
        return profile
      }),
    remove: (id, at) =>
      transaction(async (tx) => {
        const [profile] = await tx.select().from(profiles).where(eq(profiles.id, id)).for('update')
        if (!profile) return false
        const { username } = profile
        await tx.insert(deletedProfiles).values({ id, username, usernameKey: foldName(username), deletedAt: at })
        await tx.delete(profiles).where(eq(profiles.id, id))
        return true
      }),

    byIds: async (ids) =>
      drizzle
        .select()
        .from(profiles)
        .where(inArray(profiles.id, [...ids])),
    byUsernames: async (usernames) => keyed(inArray(profileKeys.usernameKey, usernames.map(foldName))),
    deletedByIds: async (ids) => {
      const rows = await drizzle
        .select({ id: deletedProfiles.id })
        .from(deletedProfiles)
        .where(inArray(deletedProfiles.id, [...ids]))
      return rows.map(({ id }) => id)
    },
    deletedByUsernames: async (usernames) =>
      drizzle
        .select({ id: deletedProfiles.id, username: deletedProfiles.username })
        .from(deletedProfiles)
        .where(inArray(deletedProfiles.usernameKey, usernames.map(foldName))),
    list: async ({ search, after, limit }) =>
      keyed(and(after === undefined ? undefined : gt(profileKeys.usernameKey, foldName(after)), matches(search)))
        .orderBy(asc(profileKeys.usernameKey))
        .limit(limit),
    async hasUpTo(username, search) {
      const rows = await drizzle
        .select({ id: profileKeys.id })
        .from(profileKeys)
        .where(and(lte(profileKeys.usernameKey, foldName(username)), matches(search)))
        .limit(1)
      return rows.length > 0
    },

    preferences: (id) => preferencesOf(drizzle, id),
    async prefer(id, changes) {
      if (Object.keys(changes).length === 0) return preferencesOf(drizzle, id)
      try {
        return await transaction(async (tx) => {
          await tx
            .insert(preferences)
            .values({ userId: id, ...changes })
            .onDuplicateKeyUpdate({ set: changes })
          return preferencesOf(tx, id)
        })
      } catch (error) {
        if (isOrphan(error)) return undefined
        throw error
      }
    },

    ready,
    close,
  }
  return withoutQueries(store)
}

async function insert(drizzle: Drizzle, id: string, username: string, appearance: Appearance, at: Date) {
  await drizzle.insert(profiles).values({ ...appearance, id, username, createdAt: at, updatedAt: at })
  await drizzle
    .insert(profileKeys)
    .values({ id, usernameKey: foldName(username), displayNameKey: foldName(appearance.displayName) })
}

/** Why a profile cannot be added, if one that was deleted is in the way. */
async function reservation(drizzle: Drizzle, id: string, username: string) {
  const rows = await drizzle
    .select({ id: deletedProfiles.id })
    .from(deletedProfiles)
    .where(or(eq(deletedProfiles.id, id), eq(deletedProfiles.usernameKey, foldName(username))))
  if (rows.length === 0) return undefined
  return rows.some((row) => row.id === id) ? 'known' : 'username taken'
}

/** What became of the id; undefined when it was never added. In one statement, so that nothing comes in between. */
async function stateOf(drizzle: Drizzle, id: string): Promise<'live' | 'deleted' | undefined> {
  const [row] = await drizzle
    .select({ state: sql<'live' | 'deleted'>`'live'` })
    .from(profiles)
    .where(eq(profiles.id, id))
    .unionAll(
      drizzle
        .select({ state: sql<'live' | 'deleted'>`'deleted'` })
        .from(deletedProfiles)
        .where(eq(deletedProfiles.id, id)),
    )
  return row?.state
}

async function preferencesOf(drizzle: Drizzle, id: string): Promise<Partial<Preferences> | undefined> {
  const [row] = await drizzle
    .select(preferenceColumns)
    .from(profiles)
    .leftJoin(preferences, eq(preferences.userId, profiles.id))
    .where(eq(profiles.id, id))
  return row && chosen(row)
}

const matches = (search: string | undefined) =>
  search === undefined
    ? undefined
    : or(startsWith(profileKeys.usernameKey, search), startsWith(profileKeys.displayNameKey, search))

/** As a range, which an index serves and in which no character is a wildcard. */
function startsWith(column: typeof profileKeys.usernameKey | typeof profileKeys.displayNameKey, search: string) {
  const from = foldName(search)
  const end = endOfPrefix(from)
  return and(gte(column, from), end === undefined ? undefined : lt(column, end))
}

const chosen = (row: { [K in keyof Preferences]: Preferences[K] | null }): Partial<Preferences> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
