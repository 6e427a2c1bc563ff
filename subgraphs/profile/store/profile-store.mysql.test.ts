import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/database.mysql.ts'
import { startScript } from '../../../platform/testing/script.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../../../platform/testing/tcp-proxy.ts'
import { batchReads } from './batched-reads.ts'
import { migrateProfileStore } from './migrate.mysql.ts'
import { profileStoreContract } from './profile-store.contract.ts'
import { openMysqlProfileStore } from './profile-store.mysql.ts'
import type { ProfileStore } from './profile-store.ts'
import { profiles } from './tables.mysql.ts'

const at = new Date('2026-01-02T03:04:05Z')
const unavailable = { code: 'UNAVAILABLE' }
const times = <T>(count: number, work: (index: number) => T) => Array.from({ length: count }, (_, index) => work(index))

onServer('mysql', (server) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(server)
    await migrateProfileStore(database.url)
  })
  afterAll(() => database.drop())

  const empty = async () => {
    for (const table of ['user_profiles', 'deleted_profiles']) await database.query(`DELETE FROM ${table}`)
  }
  let holds = ''
  const open = async (name: string) => {
    // One database for all names: it holds one at a time.
    if (name !== holds) await empty()
    holds = name
    return openMysqlProfileStore({ url: database.url })
  }
  profileStoreContract('mysql', open)
  profileStoreContract('mysql with batched reads', async (name) => batchReads(await open(name)))

  describe('profile store on mysql', () => {
    let proxy: TcpProxy
    let store: ProfileStore
    beforeEach(async () => {
      await empty()
      proxy = await startTcpProxy(database.url)
      store = openMysqlProfileStore({ url: proxy.url, connections: 4 })
    })
    afterEach(async () => {
      await store.close()
      await proxy.close()
    })
    const add = async (username: string, displayName = username) => {
      const id = randomUUID()
      expect(await store.add({ id, username, displayName }, at)).toBe('added')
      return id
    }
    const usernames = async (search: string) => (await store.list({ search, limit: 10 })).map((row) => row.username)

    it('has the profiles in exactly the table that others may rely on', async () => {
      // Where MySQL says `CURRENT_TIMESTAMP` and `DEFAULT_GENERATED`, MariaDB says `current_timestamp()` and 'NULL'.
      const plain = (text: unknown) =>
        String(text ?? 'NULL')
          .toLowerCase()
          .replace('()', '')
      const columns = await database.query(
        `SELECT column_name AS name, column_type AS type, is_nullable AS nullable, column_default AS given, extra AS extra,
           character_set_name AS charset, collation_name AS collation
         FROM information_schema.columns WHERE table_schema = ? AND table_name = 'user_profiles' ORDER BY ordinal_position`,
        [database.name],
      )
      const shown = columns.map(({ name, type, nullable, given, extra, charset, collation }) =>
        [
          name,
          type,
          nullable,
          plain(given),
          plain(extra).replace('default_generated', '').trim(),
          charset,
          collation,
        ].join(' | '),
      )
      const text = 'utf8mb4 | utf8mb4_unicode_ci'
      expect(shown).toEqual([
        `id | char(36) | NO | null |  | ${text}`,
        `username | varchar(50) | NO | null |  | ${text}`,
        `display_name | varchar(100) | NO | null |  | ${text}`,
        `avatar_url | varchar(255) | YES | null |  | ${text}`,
        `status_message | varchar(255) | YES | null |  | ${text}`,
        'created_at | datetime | NO | current_timestamp |  |  | ',
        'updated_at | datetime | NO | current_timestamp | on update current_timestamp |  | ',
      ])
      const indexes = await database.query(
        `SELECT index_name AS name, non_unique AS repeats, seq_in_index AS place, column_name AS name_of
         FROM information_schema.statistics WHERE table_schema = ? AND table_name = 'user_profiles'`,
        [database.name],
      )
      const kept = indexes.map(({ name, repeats, place, name_of }) => `${name} ${repeats} ${place} ${name_of}`).sort()
      expect(kept).toEqual(['PRIMARY 0 1 id', 'idx_username 1 1 username', 'username 0 1 username'])
      const [table] = await database.query(
        `SELECT engine AS engine, table_collation AS collation FROM information_schema.tables
         WHERE table_schema = ? AND table_name = 'user_profiles'`,
        [database.name],
      )
      expect(table).toEqual({ engine: 'InnoDB', collation: 'utf8mb4_unicode_ci' })
    })

    it('writes times in UTC, without what is below a second', async () => {
      const id = randomUUID()
      const moment = new Date('2026-01-02T03:04:05.999Z')
      await store.add({ id, username: 'ann', displayName: 'Ann' }, moment)
      await database.query("SET time_zone = '+05:30'")
      const [row] = await database.query('SELECT CAST(created_at AS CHAR) AS at FROM user_profiles')
      await database.query("SET time_zone = '+00:00'")
      expect(row).toEqual({ at: '2026-01-02 03:04:05' })
      // MariaDB cuts off what it is sent, MySQL would round it.
      expect(profiles.createdAt.mapToDriverValue(moment)).toBe('2026-01-02 03:04:05')
    })

    it('finds a name whose folded form is many times as long', async () => {
      const name = '\u{1D160}'.repeat(100)
      await add('notes', name)
      await add('dots', 'İ'.repeat(100))
      expect(await usernames(name)).toEqual(['notes'])
      expect(await usernames('İ'.repeat(99))).toEqual(['dots'])
    })

    it('takes a username for taken that its table cannot tell from another', async () => {
      await add('resume')
      expect(await store.add({ id: randomUUID(), username: 'résumé', displayName: 'x' }, at)).toBe('username taken')
      expect(await database.query('SELECT username FROM user_profiles')).toEqual([{ username: 'resume' }])
    })

    it('gives a deleted username to none of many that want it at once', async () => {
      const id = await add('ann')
      await store.remove(id, at)
      const wanted = times(20, () => store.add({ id: randomUUID(), username: 'ANN', displayName: 'x' }, at))
      expect(new Set(await Promise.all(wanted))).toEqual(new Set(['username taken']))
      const repeated = times(20, () => store.add({ id, username: 'ann', displayName: 'x' }, at))
      expect(new Set(await Promise.all(repeated))).toEqual(new Set(['known']))
      expect(await store.list({ limit: 10 })).toEqual([])
    })

    it('gives a username to nobody else whose profile is deleted at that moment', async () => {
      const id = await add('ann')
      await database.query('START TRANSACTION')
      await database.query('INSERT INTO deleted_profiles SELECT id, username, username, NOW() FROM user_profiles')
      await database.query('DELETE FROM user_profiles')
      const wanted = store.add({ id: randomUUID(), username: 'ann', displayName: 'x' }, at)
      const waiting =
        "SELECT id FROM information_schema.processlist WHERE db = ? AND info LIKE 'insert into `user_profiles`%'"
      await database.until(waiting, [database.name])
      await database.query('COMMIT')
      expect(await wanted).toBe('username taken')
      expect(await store.deletedByUsernames(['ann'])).toEqual([{ id, username: 'ann' }])
      expect(await database.query('SELECT * FROM user_profiles')).toEqual([])
    })

    it('gives a username to nobody else while its profile is being deleted and restored', async () => {
      const id = await add('ann')
      const appearance = { displayName: 'x', avatarUrl: null, statusMessage: null }
      for (let round = 0; round < 20; round += 1) {
        const others = times(3, () => store.add({ id: randomUUID(), username: 'ann', displayName: 'x' }, at))
        const [outcome] = await Promise.all([
          round % 2 ? store.restore(id, appearance, at) : store.remove(id, at),
          ...others,
        ])
        expect(outcome).toBe(round % 2 ? 'restored' : true)
        expect(new Set(await Promise.all(others))).toEqual(new Set(['username taken']))
      }
    })

    it('names no value in its errors', async () => {
      const failure = await add('a-value'.repeat(9)).catch((error) => error)
      expect(failure).toMatchObject({ code: 'ER_DATA_TOO_LONG' })
      expect(JSON.stringify({ ...failure, message: failure.message, stack: failure.stack })).not.toMatch(
        /a-value|insert /,
      )
    })

    it('is unavailable while the server is away, and works when it is back', async () => {
      const id = await add('ann')
      proxy.refuse()
      proxy.cut()
      await expect(store.add({ id: randomUUID(), username: 'bob', displayName: 'x' }, at)).rejects.toMatchObject(
        unavailable,
      )
      await expect(store.update(id, { displayName: 'x' }, at)).rejects.toMatchObject(unavailable)
      await expect(store.prefer(id, { theme: 'DARK' })).rejects.toMatchObject(unavailable)
      await expect(store.byIds([id])).rejects.toMatchObject(unavailable)
      expect(await store.ready()).toBe(false)
      await proxy.accept()
      expect(await store.ready()).toBe(true)
      expect(await store.byIds([id])).toMatchObject([{ displayName: 'ann' }])
    })

    it('does nothing by halves when connections break again and again', async () => {
      const acknowledged = new Set<string>()
      const removed = new Set<string>()
      for (let round = 0; round < 25; round += 1) {
        const adding = times(4, async (index) => {
          const id = randomUUID()
          if ((await store.add({ id, username: `u${round}-${index}`, displayName: 'x' }, at)) === 'added')
            acknowledged.add(id)
        })
        const removing = [...acknowledged].slice(0, 2).map(async (id) => {
          acknowledged.delete(id)
          if (await store.remove(id, at)) removed.add(id)
        })
        await Promise.race([...adding, ...removing]).catch(() => {})
        proxy.cut()
        for (const outcome of await Promise.allSettled([...adding, ...removing]))
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(unavailable)
      }
      const found = new Set((await database.query('SELECT id FROM user_profiles')).map(({ id }) => String(id)))
      expect(acknowledged.size).toBeGreaterThan(0)
      expect(found.isSupersetOf(acknowledged)).toBe(true)
      expect(found.isDisjointFrom(removed)).toBe(true)
      const [halves] = await database.query(`SELECT
        (SELECT COUNT(*) FROM user_profiles LEFT JOIN user_profile_keys USING (id) WHERE username_key IS NULL) AS keyless,
        (SELECT COUNT(*) FROM user_profiles JOIN deleted_profiles USING (id)) AS undead`)
      expect(halves).toEqual({ keyless: 0, undead: 0 })
    })
  })

  it('is prepared by two processes at once, of which one then gets a username', async () => {
    const fresh = await createTestDatabase(server)
    const script = join(import.meta.dirname, '../testing/take-username.mysql.ts')
    const processes = ['Asia/Tokyo', 'America/Lima'].map((zone) =>
      startScript(script, [fresh.url, 'ann'], { TZ: zone }),
    )
    for (const each of processes) expect(await each.hear()).toBe('ready')
    for (const each of processes) each.say('go')
    const outcomes = await Promise.all(processes.map((each) => each.hear()))
    expect(outcomes.sort()).toEqual(['added', 'username taken'])
    const rows = await fresh.query('SELECT username, CAST(created_at AS CHAR) AS at FROM user_profiles')
    expect(rows).toEqual([{ username: 'ann', at: '2026-01-02 03:04:05' }])
    await fresh.drop()
  })
})
