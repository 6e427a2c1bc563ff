import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, lt, ne } from 'drizzle-orm'
import { migrate, openDatabase, transaction } from '../../../platform/storage/database.sqlite.ts'
import { drizzleOnSqlite, runAtOnce } from '../../../platform/storage/drizzle.sqlite.ts'
import { withoutQueries } from '../../../platform/storage/query-errors.ts'
import { type AuthStore, mostRevokedAtOnce } from './auth-store.ts'
import { accounts, migrations, refreshTokens, sessions, signingKeys } from './tables.sqlite.ts'

const { pending: _, ...accountColumns } = getTableColumns(accounts)

/** An `AuthStore` in a file, which other connections and components may use too. */
export function openSqliteAuthStore(file: string): AuthStore {
  const database = openDatabase(file)
  migrate(database, 'auth', migrations)
  const drizzle = drizzleOnSqlite(database)
  const account = () => drizzle.select(accountColumns).from(accounts)
  const session = () => drizzle.select().from(sessions)

  // Beyond the newest ones of the user, which the session itself is not counted among.
  const excess = database.prepare(
    `SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL AND id <> ?
     ORDER BY last_seen_at DESC, id DESC LIMIT ? OFFSET ?`,
  )

  return withoutQueries<AuthStore>({
    addAccount: async (added, first) =>
      transaction(database, () => {
        const account = { ...added, pending: true }
        const insert = drizzle.insert(accounts).values(account).onConflictDoNothing({ target: accounts.username })
        if (runAtOnce(database, insert) === 0) return false
        runAtOnce(database, drizzle.insert(sessions).values(first.session))
        runAtOnce(database, drizzle.insert(refreshTokens).values(first.refreshToken))
        return true
      }),
    accountById: async (id) => (await account().where(eq(accounts.id, id)))[0],
    accountByUsername: async (username) => (await account().where(eq(accounts.username, username)))[0],
    async changePassword(id, version, passwordHash) {
      const rows = await drizzle
        .update(accounts)
        .set({ passwordHash, passwordVersion: version + 1 })
        .where(and(eq(accounts.id, id), eq(accounts.passwordVersion, version)))
        .returning({ id: accounts.id })
      return rows.length > 0
    },
    async rehashPassword(id, from, to) {
      await drizzle
        .update(accounts)
        .set({ passwordHash: to })
        .where(and(eq(accounts.id, id), eq(accounts.passwordHash, from)))
    },
    unannouncedAccounts: async (before, limit) =>
      account()
        .where(and(accounts.pending, lt(accounts.createdAt, before)))
        .orderBy(asc(accounts.createdAt), asc(accounts.id))
        .limit(limit),
    async markAnnounced(id) {
      await drizzle.update(accounts).set({ pending: false, displayName: '' }).where(eq(accounts.id, id))
    },

    addSession: async (added, most) =>
      transaction(database, () => {
        runAtOnce(database, drizzle.insert(sessions).values(added).onConflictDoNothing())
        const ids = excess.all(added.userId, added.id, mostRevokedAtOnce, most - 1).map(({ id }) => String(id))
        if (ids.length > 0) {
          const revoke = drizzle.update(sessions).set({ revokedAt: added.createdAt }).where(inArray(sessions.id, ids))
          runAtOnce(database, revoke)
        }
        return ids
      }),
    session: async (id) => (await session().where(eq(sessions.id, id)))[0],
    sessionsOf: async (userId, seenSince, limit) =>
      session()
        .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), gte(sessions.lastSeenAt, seenSince)))
        .orderBy(desc(sessions.createdAt), desc(sessions.id))
        .limit(limit),
    async seeSession(id, { ip, userAgent }, at) {
      await drizzle.update(sessions).set({ ip, userAgent, lastSeenAt: at }).where(eq(sessions.id, id))
    },
    async revokeSessions({ userId, only, except }, at) {
      await drizzle
        .update(sessions)
        .set({ revokedAt: at })
        .where(
          and(
            eq(sessions.userId, userId),
            isNull(sessions.revokedAt),
            only === undefined ? undefined : eq(sessions.id, only),
            except === undefined ? undefined : ne(sessions.id, except),
          ),
        )
    },
    async revokedSessions(since, userId) {
      const ofUser = userId === undefined ? undefined : eq(sessions.userId, userId)
      const rows = await drizzle
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(gte(sessions.revokedAt, since), ofUser))
      return rows.map(({ id }) => id)
    },

    async addRefreshToken(token) {
      await drizzle.insert(refreshTokens).values(token).onConflictDoNothing()
    },
    refreshToken: async (hash) => (await drizzle.select().from(refreshTokens).where(eq(refreshTokens.hash, hash)))[0],
    refreshTokens: async (hashes) => drizzle.select().from(refreshTokens).where(inArray(refreshTokens.hash, hashes)),
    async replaceRefreshToken(hash, at) {
      const rows = await drizzle
        .update(refreshTokens)
        .set({ replacedAt: at })
        .where(and(eq(refreshTokens.hash, hash), isNull(refreshTokens.replacedAt)))
        .returning({ hash: refreshTokens.hash })
      return rows.length > 0
    },
    async removeBefore(moment, revokedBefore) {
      await drizzle.delete(refreshTokens).where(lt(refreshTokens.createdAt, moment))
      await drizzle.delete(sessions).where(lt(sessions.lastSeenAt, moment))
      await drizzle.delete(sessions).where(lt(sessions.revokedAt, revokedBefore))
    },

    async addSigningKey(key) {
      await drizzle.insert(signingKeys).values(key).onConflictDoNothing()
    },
    signingKeys: async () =>
      drizzle.select().from(signingKeys).orderBy(asc(signingKeys.createdAt), asc(signingKeys.id)),
    async removeSigningKeys(ids) {
      await drizzle.delete(signingKeys).where(inArray(signingKeys.id, ids))
    },

    // One process has the file.
    now: async () => new Date(),
    ready: async () => database.serves(),
    async close() {
      if (database.isOpen) database.close()
    },
  })
}
