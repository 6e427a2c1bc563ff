import type { SQLInputValue } from 'node:sqlite'
import { and, asc, DrizzleQueryError, eq, getTableColumns, gt, gte, inArray, lt, lte, or } from 'drizzle-orm'
import { migrate, openDatabase, transaction } from '../../../platform/storage/database.sqlite.ts'
import { drizzleOnSqlite, runAtOnce, type WrittenStatement } from '../../../platform/storage/drizzle.sqlite.ts'
import { withoutQueries } from '../../../platform/storage/query-errors.ts'
import { foldName } from '../../../platform/text/fold-name.ts'
import { endOfPrefix } from '../../../platform/text/prefix-range.ts'
import type { Appearance, Preferences, ProfileStore } from './profile-store.ts'
import { deletedProfiles, migrations, preferences, profiles } from './tables.sqlite.ts'

const { usernameKey: _key, displayNameKey: _nameKey, ...profileColumns } = getTableColumns(profiles)
const { userId: _, ...preferenceColumns } = getTableColumns(preferences)

/** A `ProfileStore` in a file, which other connections and components may use too. */
export function openSqliteProfileStore(file: string): ProfileStore {
  const database = openDatabase(file)
  migrate(database, 'profile', migrations)
  const drizzle = drizzleOnSqlite(database)

  const run = (statement: WrittenStatement) => runAtOnce(database, statement)
  const first = (statement: WrittenStatement) => {
    const { sql, params } = statement.toSQL()
    return database.prepare(sql).get(...(params as SQLInputValue[]))
  }
  const live = (id: string) => first(drizzle.select(profileColumns).from(profiles).where(eq(profiles.id, id)))
  const deleted = (id: string) =>
    first(
      drizzle.select({ username: deletedProfiles.username }).from(deletedProfiles).where(eq(deletedProfiles.id, id)),
    )
  const holder = (username: string) => {
    const key = foldName(username)
    return (
      first(drizzle.select({ id: profiles.id }).from(profiles).where(eq(profiles.usernameKey, key))) ??
      first(
        drizzle.select({ id: deletedProfiles.id }).from(deletedProfiles).where(eq(deletedProfiles.usernameKey, key)),
      )
    )
  }
  const insert = (id: string, username: string, appearance: Appearance, at: Date) =>
    run(
      drizzle.insert(profiles).values({
        ...appearance,
        id,
        username,
        usernameKey: foldName(username),
        displayNameKey: foldName(appearance.displayName),
        createdAt: at,
        updatedAt: at,
      }),
    )
  const byIds = (ids: readonly string[]) =>
    drizzle
      .select(profileColumns)
      .from(profiles)
      .where(inArray(profiles.id, [...ids]))

  const store: ProfileStore = {
    add: async ({ id, username, displayName }, at) =>
      transaction(database, () => {
        if (live(id) || deleted(id)) return 'known'
        if (holder(username)) return 'username taken'
        insert(id, username, { displayName, avatarUrl: null, statusMessage: null }, at)
        return 'added'
      }),
    restore: async (id, appearance, at) =>
      transaction(database, () => {
        if (live(id)) return 'exists'
        const reserved = deleted(id)
        if (!reserved) return 'unknown'
        run(drizzle.delete(deletedProfiles).where(eq(deletedProfiles.id, id)))
        insert(id, String(reserved.username), appearance, at)
        return 'restored'
      }),
    async update(id, changes, at) {
      const { displayName } = changes
      const keys = displayName === undefined ? {} : { displayNameKey: foldName(displayName) }
      const [profile] = await drizzle
        .update(profiles)
        .set({ ...changes, ...keys, updatedAt: at })
        .where(eq(profiles.id, id))
        .returning(profileColumns)
      return profile
    },
    remove: async (id, at) =>
      transaction(database, () => {
        const profile = live(id)
        if (!profile) return false
        const username = String(profile.username)
        run(drizzle.insert(deletedProfiles).values({ id, username, usernameKey: foldName(username), deletedAt: at }))
        run(drizzle.delete(profiles).where(eq(profiles.id, id)))
        return true
      }),

    byIds: async (ids) => (ids.length === 0 ? [] : byIds(ids)),
    byUsernames: async (usernames) =>
      drizzle
        .select(profileColumns)
        .from(profiles)
        .where(inArray(profiles.usernameKey, usernames.map(foldName))),
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
      drizzle
        .select(profileColumns)
        .from(profiles)
        .where(and(after === undefined ? undefined : gt(profiles.usernameKey, foldName(after)), matches(search)))
        .orderBy(asc(profiles.usernameKey))
        .limit(limit),
    async hasUpTo(username, search) {
      const rows = await drizzle
        .select({ id: profiles.id })
        .from(profiles)
        .where(and(lte(profiles.usernameKey, foldName(username)), matches(search)))
        .limit(1)
      return rows.length > 0
    },

    async preferences(id) {
      const [row] = await drizzle
        .select(preferenceColumns)
        .from(profiles)
        .leftJoin(preferences, eq(preferences.userId, profiles.id))
        .where(eq(profiles.id, id))
      return row && chosen(row)
    },
    async prefer(id, changes) {
      if (Object.keys(changes).length === 0) return store.preferences(id)
      try {
        const [row] = await drizzle
          .insert(preferences)
          .values({ userId: id, ...changes })
          .onConflictDoUpdate({ target: preferences.userId, set: changes })
          .returning(preferenceColumns)
        return row && chosen(row)
      } catch (error) {
        if (isOrphan(error)) return undefined
        throw error
      }
    },

    ready: async () => database.serves(),
    async close() {
      if (database.isOpen) database.close()
    },
  }
  return withoutQueries(store)
}

const matches = (search: string | undefined) =>
  search === undefined
    ? undefined
    : or(startsWith(profiles.usernameKey, search), startsWith(profiles.displayNameKey, search))

/** As a range, which an index serves and in which no character is a wildcard. */
function startsWith(column: typeof profiles.usernameKey | typeof profiles.displayNameKey, search: string) {
  const from = foldName(search)
  const end = endOfPrefix(from)
  return and(gte(column, from), end === undefined ? undefined : lt(column, end))
}

const chosen = (row: { [K in keyof Preferences]: Preferences[K] | null }): Partial<Preferences> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

/** SQLite's code for a row whose foreign key points to nothing. */
const foreignKeyViolation = 787
const isOrphan = (error: unknown) =>
  error instanceof DrizzleQueryError &&
  (error.cause as { errcode?: number } | undefined)?.errcode === foreignKeyViolation
