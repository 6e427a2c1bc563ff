import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, lt, ne, sql } from 'drizzle-orm'
import { openMysqlDatabase } from '../../../platform/storage/database.mysql.ts'
import { isDuplicate } from '../../../platform/storage/failures.mysql.ts'
import { withoutQueries } from '../../../platform/storage/query-errors.ts'
import { type AuthStore, mostRevokedAtOnce } from './auth-store.ts'
import { accounts, refreshTokens, sessions, signingKeys } from './tables.mysql.ts'

const { pending: _, ...accountColumns } = getTableColumns(accounts)

/** How many rows one statement deletes: few enough to hold nobody up, and to be done in time. */
const batch = 1_000

/** An `AuthStore` in a database that `migrateAuthStore` has prepared, which other components may use too. */
export function openMysqlAuthStore(options: { url: string; connections?: number }): AuthStore {
  const { drizzle, transaction, ready, close } = openMysqlDatabase(options)
  const account = () => drizzle.select(accountColumns).from(accounts)
  const session = () => drizzle.select().from(sessions)
  const accountByUsername = async (username: string) => (await account().where(eq(accounts.username, username)))[0]

  return withoutQueries<AuthStore>({
    async addAccount(added, first) {
      try {
        await transaction(async (tx) => {
          await tx.insert(accounts).values({ ...added, pending: true })
          await tx.insert(sessions).values(first.session)
          await tx.insert(refreshTokens).values(first.refreshToken)
        })
        return true
      } catch (error) {
        // The number of a duplicate says nothing about which key it is.
        if (isDuplicate(error) && (await accountByUsername(added.username))) return false
        throw error
      }
    },
    accountById: async (id) => (await account().where(eq(accounts.id, id)))[0],
    accountByUsername,
    // Conditional writes change each row that they match, so that it is one number whether the server counts the one or the other.
    async changePassword(id, version, passwordHash) {
      const [{ affectedRows }] = await drizzle
        .update(accounts)
        .set({ passwordHash, passwordVersion: version + 1 })
        .where(and(eq(accounts.id, id), eq(accounts.passwordVersion, version)))
      return affectedRows > 0
    },
    async rehashPassword(id, from, to) {
      await drizzle
        .update(accounts)
        .set({ passwordHash: to })
        .where(and(eq(accounts.id, id), eq(accounts.passwordHash, from)))
    },
    unannouncedAccounts: async (before, limit) =>
      account()
        .where(and(eq(accounts.pending, true), lt(accounts.createdAt, before)))
        .orderBy(asc(accounts.createdAt), asc(accounts.id))
        .limit(limit),
    async markAnnounced(id) {
      await drizzle.update(accounts).set({ pending: false, displayName: '' }).where(eq(accounts.id, id))
    },

    addSession: async (added, most) =>
      transaction(async (tx) => {
        // Those who sign in to one account at once wait for one another, so that each counts the sessions of the others.
        await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, added.userId)).for('update')
        await tx.insert(sessions).values(added).onDuplicateKeyUpdate({ set: unchanged })
        const excess = await tx
          .select({ id: sessions.id })
          .from(sessions)
          .where(and(eq(sessions.userId, added.userId), isNull(sessions.revokedAt), ne(sessions.id, added.id)))
          .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
          .limit(mostRevokedAtOnce)
          .offset(most - 1)
        const ids = excess.map(({ id }) => id)
        if (ids.length > 0)
          await tx.update(sessions).set({ revokedAt: added.createdAt }).where(inArray(sessions.id, ids))
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
      await drizzle
        .insert(refreshTokens)
        .values(token)
        .onDuplicateKeyUpdate({ set: { hash: sql`${refreshTokens.hash}` } })
    },
    refreshToken: async (hash) => (await drizzle.select().from(refreshTokens).where(eq(refreshTokens.hash, hash)))[0],
    refreshTokens: async (hashes) => drizzle.select().from(refreshTokens).where(inArray(refreshTokens.hash, hashes)),
    async replaceRefreshToken(hash, at) {
      const [{ affectedRows }] = await drizzle
        .update(refreshTokens)
        .set({ replacedAt: at })
        .where(and(eq(refreshTokens.hash, hash), isNull(refreshTokens.replacedAt)))
      return affectedRows > 0
    },
    async removeBefore(moment, revokedBefore) {
      await inBatches(() =>
        drizzle
          .delete(refreshTokens)
          .where(lt(refreshTokens.createdAt, moment))
          .orderBy(asc(refreshTokens.createdAt))
          .limit(batch),
      )
      await inBatches(() =>
        drizzle.delete(sessions).where(lt(sessions.lastSeenAt, moment)).orderBy(asc(sessions.lastSeenAt)).limit(batch),
      )
      await inBatches(() =>
        drizzle
          .delete(sessions)
          .where(lt(sessions.revokedAt, revokedBefore))
          .orderBy(asc(sessions.revokedAt))
          .limit(batch),
      )
    },

    async addSigningKey(key) {
      await drizzle.insert(signingKeys).values(key).onDuplicateKeyUpdate({ set: unchanged })
    },
    signingKeys: async () =>
      drizzle.select().from(signingKeys).orderBy(asc(signingKeys.createdAt), asc(signingKeys.id)),
    async removeSigningKeys(ids) {
      await drizzle.delete(signingKeys).where(inArray(signingKeys.id, ids))
    },

    async now() {
      const [rows] = await drizzle.execute(sql`SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS milliseconds`)
      return new Date(Number((rows as unknown as { milliseconds: string }[])[0]?.milliseconds))
    },
    ready,
    close,
  })
}

/** A row that is there already stays as it is. (INSERT IGNORE would also ignore what is wrong with the values.) */
const unchanged = { id: sql`id` }

async function inBatches(remove: () => Promise<[{ affectedRows: number }, unknown]>): Promise<void> {
  for (;;) {
    const [{ affectedRows }] = await remove()
    if (affectedRows < batch) return
  }
}
