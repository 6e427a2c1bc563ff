import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/database.mysql.ts'
import { startScript } from '../../../platform/testing/script.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../../../platform/testing/tcp-proxy.ts'
import { authStoreContract } from './auth-store.contract.ts'
import { openMysqlAuthStore } from './auth-store.mysql.ts'
import type { Account, AuthStore, FirstSession } from './auth-store.ts'
import { migrateAuthStore } from './migrate.mysql.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const account = (username: string): Account => ({
  id: uuidv7(),
  username,
  displayName: username,
  passwordHash: 'hash',
  passwordVersion: 1,
  createdAt: at,
})

const firstSession = (): FirstSession => {
  const [id, userId] = [uuidv7(), uuidv7()]
  return {
    session: { id, userId, createdAt: at, lastSeenAt: at, userAgent: null, ip: null, revokedAt: null },
    refreshToken: { hash: uuidv7(), sessionId: id, passwordVersion: 1, createdAt: at, replacedAt: null },
  }
}

onServer('mysql', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(server)
    await migrateAuthStore(database.url)
  })
  afterAll(() => database.drop())

  const empty = async () => {
    for (const table of ['accounts', 'sessions', 'refresh_tokens', 'signing_keys'])
      await database.query(`DELETE FROM ${table}`)
  }
  authStoreContract('mysql', async () => {
    await empty()
    return { open: async () => openMysqlAuthStore({ url: database.url }), remove: async () => {} }
  })

  describe('auth store on mysql', () => {
    let proxy: TcpProxy
    let store: AuthStore
    beforeEach(async () => {
      await empty()
      proxy = await startTcpProxy(database.url)
      store = openMysqlAuthStore({ url: proxy.url, connections: 4 })
    })
    afterEach(async () => {
      await store.close()
      await proxy.close()
    })
    const stored = async () => (await database.query('SELECT username FROM accounts')).map(({ username }) => username)

    it('names no value in its errors', async () => {
      const failure = await store.addAccount(account('a-value'.repeat(9)), firstSession()).catch((error) => error)
      expect(failure).toMatchObject({ code: 'ER_DATA_TOO_LONG' })
      expect(JSON.stringify({ ...failure, message: failure.message, stack: failure.stack })).not.toMatch(
        /a-value|insert/,
      )
    })

    it('takes an id that comes again under another username for an error, not for a taken username', async () => {
      const ada = account('ada')
      await store.addAccount(ada, firstSession())
      await expect(store.addAccount({ ...ada, username: 'grace' }, firstSession())).rejects.toMatchObject({
        code: 'ER_DUP_ENTRY',
      })
      expect(await stored()).toEqual(['ada'])
    })

    it('writes times in UTC', async () => {
      await store.addAccount(account('ada'), firstSession())
      await database.query("SET time_zone = '+05:30'")
      const [row] = await database.query('SELECT CAST(created_at AS CHAR) AS at FROM accounts')
      await database.query("SET time_zone = '+00:00'")
      expect(row).toEqual({ at: '2026-01-02 03:04:05.678' })
    })

    it('tells the time of its server', async () => {
      const [row] = await database.query('SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS milliseconds')
      const told = await store.now()
      expect(Math.abs(told.getTime() - Number(row?.milliseconds))).toBeLessThan(5_000)
    })

    it('removes any number of old tokens and sessions', async () => {
      const tokens = Array.from({ length: 2_100 }, (_, index) => [`token ${index}`, uuidv7(), 1, at])
      await database.query('INSERT INTO refresh_tokens (hash, session_id, password_version, created_at) VALUES ?', [
        tokens,
      ])
      const sessions = Array.from({ length: 2_000 }, () => [uuidv7(), uuidv7(), at, at])
      await database.query('INSERT INTO sessions (id, user_id, created_at, last_seen_at) VALUES ?', [sessions])
      await store.removeBefore(at, at)
      const counts =
        'SELECT (SELECT COUNT(*) FROM refresh_tokens) AS tokens, (SELECT COUNT(*) FROM sessions) AS sessions'
      expect(await database.query(counts)).toEqual([{ tokens: 2_100, sessions: 2_000 }])
      await store.removeBefore(new Date(at.getTime() + 1), at)
      expect(await database.query(counts)).toEqual([{ tokens: 0, sessions: 0 }])
    })

    it('is unavailable while the server is away, and works when it is back', async () => {
      await store.addAccount(account('ada'), firstSession())
      proxy.refuse()
      proxy.cut()
      const unavailable = { code: 'UNAVAILABLE' }
      await expect(store.addAccount(account('grace'), firstSession())).rejects.toMatchObject(unavailable)
      await expect(store.accountByUsername('ada')).rejects.toMatchObject(unavailable)
      await expect(store.replaceRefreshToken('hash', at)).rejects.toMatchObject(unavailable)
      await expect(store.removeBefore(at, at)).rejects.toMatchObject(unavailable)
      expect(await store.ready()).toBe(false)
      await proxy.accept()
      expect(await store.ready()).toBe(true)
      expect(await store.addAccount(account('grace'), firstSession())).toBe(true)
      expect((await stored()).sort()).toEqual(['ada', 'grace'])
    })

    it('is unavailable when the server hangs, and works when it goes on', async () => {
      await store.addAccount(account('ada'), firstSession())
      proxy.freeze()
      const calls = Array.from({ length: 8 }, () => store.accountByUsername('ada'))
      for (const outcome of await Promise.allSettled(calls))
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })
      proxy.thaw()
      expect(await store.accountByUsername('ada')).toMatchObject({ username: 'ada' })
    })
  })

  describe('an empty auth database', () => {
    let fresh: TestDatabase
    beforeEach(async () => {
      fresh = await createTestDatabase(server)
    })
    afterEach(() => fresh.drop())

    it('is prepared by two processes at once, of which one then gets a username', async () => {
      const script = join(import.meta.dirname, '../testing/take-username.mysql.ts')
      const processes = ['Asia/Tokyo', 'America/Lima'].map((zone) =>
        startScript(script, [fresh.url, 'ada'], { TZ: zone }),
      )
      for (const each of processes) expect(await each.hear()).toBe('ready')
      for (const each of processes) each.say('go')
      const outcomes = await Promise.all(processes.map((each) => each.hear()))
      expect(outcomes.sort()).toEqual(['false', 'true'])
      const rows = await fresh.query('SELECT username, CAST(created_at AS CHAR) AS at FROM accounts')
      expect(rows).toEqual([{ username: 'ada', at: '2026-01-02 03:04:05.678' }])
    })

    it('forgets the display names that earlier releases kept', async () => {
      const file = await readFile(join(import.meta.dirname, 'migrations/0001_accounts.sql'), 'utf8')
      for (const statement of file.split('--> statement-breakpoint')) await fresh.query(statement)
      const rows = ['announced', 'pending'].map((name, pending) => [uuidv7(), name, 'A name', 'hash', 1, at, pending])
      await fresh.query('INSERT INTO accounts VALUES ?', [rows])
      await migrateAuthStore(fresh.url)
      expect(await fresh.query('SELECT username, display_name FROM accounts ORDER BY username')).toEqual([
        { username: 'announced', display_name: '' },
        { username: 'pending', display_name: 'A name' },
      ])
    })

    it('is prepared by whoever finds it half prepared', async () => {
      const file = await readFile(join(import.meta.dirname, 'migrations/0001_accounts.sql'), 'utf8')
      for (const statement of file.split('--> statement-breakpoint').slice(0, 2)) await fresh.query(statement)
      await migrateAuthStore(fresh.url)
      await fresh.query('DELETE FROM auth_migrations')
      await migrateAuthStore(fresh.url)
      const tables = await fresh.query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
        [fresh.name],
      )
      expect(new Set(tables.map(({ name }) => name))).toEqual(
        new Set(['accounts', 'sessions', 'refresh_tokens', 'signing_keys', 'auth_migrations']),
      )
    })
  })
})
