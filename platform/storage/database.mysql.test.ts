import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq, sql } from 'drizzle-orm'
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { AppError } from '../errors/app-error.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.mysql.ts'
import { onServer } from '../testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts'
import { type Drizzle, type MysqlDatabase, openMysqlDatabase } from './database.mysql.ts'

const items = mysqlTable('items', { id: int('id').primaryKey(), name: varchar('name', { length: 10 }).notNull() })
const unavailable = { code: 'UNAVAILABLE' }

onServer('mysql', (server) => {
  let raw: TestDatabase
  let proxy: TcpProxy
  let database: MysqlDatabase
  beforeAll(async () => {
    raw = await createTestDatabase(server)
    proxy = await startTcpProxy(raw.url)
    await raw.query('CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(10) NOT NULL UNIQUE) ENGINE=InnoDB')
  })
  afterAll(async () => {
    await proxy.close()
    await raw.drop()
  })
  beforeEach(async () => {
    await raw.query('DELETE FROM items')
    database = open()
  })
  afterEach(async () => {
    proxy.thaw()
    await proxy.accept()
    await database.close()
  })

  const open = (options = {}) => openMysqlDatabase({ url: proxy.url, connections: 3, deadline: 1_500, ...options })
  const reopen = async (options: object) => {
    await database.close()
    database = open(options)
  }
  const insert = (drizzle: Drizzle, id: number, name = `${id}`) => drizzle.insert(items).values({ id, name })
  const rename = (drizzle: Drizzle, id: number, name: string) =>
    drizzle.update(items).set({ name }).where(eq(items.id, id))
  const stored = () => raw.query('SELECT id, name FROM items ORDER BY id')
  const failure = (call: Promise<unknown>): Promise<Error & { cause?: unknown }> =>
    call.then(
      () => Promise.reject(new Error('it was carried out')),
      (error) => error,
    )
  /** Our own errors, out of drizzle's. */
  const outcome = async (call: Promise<unknown>) => {
    const error = await failure(call)
    return error instanceof AppError ? error : error.cause
  }
  const connected = `SELECT COUNT(*) AS count FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()`
  const runs = (what: string) =>
    `SELECT id FROM information_schema.processlist WHERE db = ? AND info = 'SELECT ${what}'`
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  describe('a MySQL database', () => {
    it('reads again when the connection breaks under a read', async () => {
      await insert(database.drizzle, 1)
      for (let round = 0; round < 10; round += 1) {
        const read = database.drizzle.select().from(items)
        const reading = Promise.resolve(read)
        for (let turns = 0; turns < round; turns += 1) await new Promise(setImmediate)
        proxy.cut()
        expect(await reading).toEqual([{ id: 1, name: '1' }])
      }
    })

    it('has the same session on every connection, whatever the server makes of it', async () => {
      const sessions = await Promise.all(
        upTo(3).map(() =>
          database.drizzle.execute(
            sql`SELECT @@time_zone AS zone, @@sql_mode AS mode, @@character_set_client AS client,
              @@character_set_connection AS connection, @@character_set_results AS results,
              NOW() = UTC_TIMESTAMP() AS utc, CONNECTION_ID() AS id, SLEEP(0.05)`,
          ),
        ),
      )
      const rows = sessions.map(([rows]) => (rows as unknown as Record<string, unknown>[])[0])
      expect(new Set(rows.map((row) => row?.id)).size).toBe(3)
      for (const row of rows) {
        expect(row).toMatchObject({
          zone: '+00:00',
          client: 'utf8mb4',
          connection: 'utf8mb4',
          results: 'utf8mb4',
          utc: 1,
        })
        expect(row?.mode).toMatch(/STRICT_ALL_TABLES/)
        expect(row?.mode).not.toMatch(/NO_BACKSLASH_ESCAPES|ANSI_QUOTES/)
      }
    })

    it('opens as many connections as it may, and no more', async () => {
      await Promise.all(upTo(20).map(() => database.drizzle.execute(sql`SELECT SLEEP(0.01)`)))
      expect(await raw.query(connected, [raw.name])).toEqual([{ count: 3 }])
    })

    it('takes what does not fit for an error', async () => {
      const refused = (await outcome(insert(database.drizzle, 1, 'longer than ten'))) as Error
      expect(refused.message).toBe('The database refused a statement: ER_DATA_TOO_LONG')
    })

    it('names no statement and no value in its errors', async () => {
      await insert(database.drizzle, 1, 'a-value')
      const direct = await outcome(insert(database.drizzle, 2, 'a-value'))
      const within = await failure(database.transaction((tx) => insert(tx, 2, 'a-value')))
      for (const refused of [direct as Error, within]) {
        expect(refused).toMatchObject({ code: 'ER_DUP_ENTRY' })
        expect(JSON.stringify({ ...refused, message: refused.message, stack: refused.stack })).not.toMatch(
          /into|a-value/i,
        )
      }
    })

    it('carries out all of a transaction or nothing', async () => {
      await reopen({ connections: 1 })
      expect(await database.transaction((tx) => insert(tx, 1).then(() => 'done'))).toBe('done')
      const broken = database.transaction(async (tx) => {
        await insert(tx, 2)
        throw new Error('changed its mind')
      })
      await expect(broken).rejects.toThrow('changed its mind')
      await database.transaction((tx) => insert(tx, 3))
      expect(await stored()).toEqual([
        { id: 1, name: '1' },
        { id: 3, name: '3' },
      ])
    })

    it('runs a transaction again that was in a deadlock', async () => {
      await insert(database.drizzle, 1)
      await insert(database.drizzle, 2)
      const both = Promise.withResolvers<void>()
      let attempts = 0
      const crossing = (first: number, second: number) =>
        database.transaction(async (tx) => {
          await rename(tx, first, `${first}-${first}`)
          attempts += 1
          if (attempts === 2) both.resolve()
          await both.promise
          await rename(tx, second, `${second}-${first}`)
        })
      await Promise.all([crossing(1, 2), crossing(2, 1)])
      expect(attempts).toBeGreaterThan(2)
      const [one, two] = await stored()
      expect([one?.name, two?.name].sort()).toEqual(one?.name === '1-1' ? ['1-1', '2-1'] : ['1-2', '2-2'])
    })

    it('is unavailable while others keep a lock, and works when they let go', async () => {
      await insert(database.drizzle, 1)
      await raw.query('START TRANSACTION')
      await raw.query("UPDATE items SET name = 'locked'")
      expect(await outcome(rename(database.drizzle, 1, 'changed'))).toMatchObject(unavailable)
      expect(await outcome(database.transaction((tx) => rename(tx, 1, 'changed')))).toMatchObject(unavailable)
      await raw.query('ROLLBACK')
      await rename(database.drizzle, 1, 'changed')
      expect(await stored()).toEqual([{ id: 1, name: 'changed' }])
    })

    it('refuses at once when too many wait', async () => {
      await reopen({ connections: 1 })
      proxy.freeze()
      const refused: number[] = []
      await Promise.all(
        upTo(1_002).map(async (call) => {
          expect(await outcome(database.drizzle.execute(sql`SELECT 1`))).toMatchObject(unavailable)
          refused.push(call)
        }),
      )
      expect(refused[0]).toBe(1_002)
    })
  })

  describe('a MySQL database in an outage', () => {
    it('is unavailable while the server is away, and works when it is back', async () => {
      await insert(database.drizzle, 1)
      proxy.refuse()
      proxy.cut()
      expect(await outcome(insert(database.drizzle, 2))).toMatchObject(unavailable)
      expect(await outcome(database.transaction((tx) => insert(tx, 2)))).toMatchObject(unavailable)
      expect(await database.ready()).toBe(false)
      await proxy.accept()
      expect(await database.ready()).toBe(true)
      await insert(database.drizzle, 2)
      expect(await stored()).toHaveLength(2)
    })

    it('is unavailable while the server hangs, and works when it goes on', async () => {
      await Promise.all(upTo(3).map((id) => insert(database.drizzle, id)))
      proxy.freeze()
      const calls = upTo(10).map((id) => outcome(rename(database.drizzle, 1, `late ${id}`)))
      for (const call of calls) expect(await call).toMatchObject(unavailable)
      expect(await database.ready()).toBe(false)
      proxy.thaw()
      await insert(database.drizzle, 4)
      expect(await database.ready()).toBe(true)
      expect(await stored()).toHaveLength(4)
    })

    it('ends its connections to a server that hangs', async () => {
      await Promise.all(upTo(3).map(() => database.drizzle.execute(sql`SELECT SLEEP(0.01)`)))
      proxy.freeze()
      for (const call of upTo(3).map((id) => outcome(insert(database.drizzle, id)))) await call
      await database.close()
      proxy.thaw()
      await raw.until(`${connected} HAVING count = 0`, [raw.name])
    })

    it('does nothing by halves when the connection breaks within a transaction', async () => {
      const cut = database.transaction(async (tx) => {
        await insert(tx, 1)
        proxy.cut()
        await insert(tx, 2)
      })
      expect(await outcome(cut)).toMatchObject(unavailable)
      await raw.until(`${connected} HAVING count = 0`, [raw.name])
      expect(await stored()).toEqual([])
    })

    it('fails a statement that takes too long, and uses its connection no more', async () => {
      await reopen({ connections: 1, deadline: 200 })
      expect(await outcome(database.drizzle.execute(sql`SELECT SLEEP(1)`))).toMatchObject(unavailable)
      const [rows] = await database.drizzle.execute(sql`SELECT 'fresh' AS answer`)
      expect(rows).toEqual([{ answer: 'fresh' }])
    })

    it('is unavailable when the server ends a connection', async () => {
      const ended = database.drizzle.execute(sql`SELECT SLEEP(4)`)
      const { id } = await raw.until(runs('SLEEP(4)'), [raw.name])
      await raw.query(`KILL ${id}`)
      expect(await outcome(ended)).toMatchObject(unavailable)
      await insert(database.drizzle, 1)
    })

    it('lends a connection to nobody on which the server ended a statement', async () => {
      await reopen({ connections: 1 })
      await insert(database.drizzle, 1)
      await raw.query('START TRANSACTION')
      await raw.query("UPDATE items SET name = 'locked'")
      const connection = async () => (await database.drizzle.execute(sql`SELECT CONNECTION_ID() AS id`))[0]
      const before = await connection()
      const ended = outcome(rename(database.drizzle, 1, 'changed'))
      const { id } = await raw.until(
        "SELECT id FROM information_schema.processlist WHERE db = ? AND info LIKE 'update %'",
        [raw.name],
      )
      const next = connection()
      await raw.query(`KILL QUERY ${id}`)
      expect(await ended).toMatchObject(unavailable)
      expect(await next).not.toEqual(before)
      await raw.query('ROLLBACK')
    })

    it('is unavailable when the server has no connection left, but not when it refuses the password', async () => {
      const user = `parley_${raw.name.slice(-16)}`
      const [here] = await raw.query("SELECT SUBSTRING_INDEX(USER(), '@', -1) AS host")
      const account = `'${user}'@'${here?.host}'`
      await raw.query(`CREATE USER ${account} IDENTIFIED BY 'right' WITH MAX_USER_CONNECTIONS 1`)
      await raw.query(`GRANT ALL ON ${raw.name}.* TO ${account}`)
      try {
        const url = new URL(raw.url)
        url.username = user
        url.password = 'wrong'
        await reopen({ url: String(url) })
        const denied = await outcome(database.drizzle.execute(sql`SELECT 1`))
        expect(denied).toMatchObject({ message: 'The database refused a statement: ER_ACCESS_DENIED_ERROR' })
        url.password = 'right'
        await reopen({ url: String(url) })
        const busy = database.drizzle.execute(sql`SELECT SLEEP(0.5)`)
        await raw.until(runs('SLEEP(0.5)'), [raw.name])
        expect(await outcome(database.drizzle.execute(sql`SELECT 1`))).toMatchObject(unavailable)
        await busy
      } finally {
        await raw.query(`DROP USER ${account}`)
      }
    })
  })

  describe('closing a MySQL database', () => {
    it('waits for what is running, and refuses what comes after', async () => {
      const running = database.transaction(async (tx) => {
        await tx.execute(sql`SELECT SLEEP(0.1)`)
        await insert(tx, 1)
      })
      await raw.until(runs('SLEEP(0.1)'), [raw.name])
      await Promise.all([database.close(), database.close()])
      await running
      expect(await stored()).toHaveLength(1)
      expect(await outcome(insert(database.drizzle, 2))).toMatchObject(unavailable)
      expect(await database.ready()).toBe(false)
      await raw.until(`${connected} HAVING count = 0`, [raw.name])
    })
  })

  it('refuses what is no URL without showing it', () => {
    expect(() => openMysqlDatabase({ url: 'mysql://user:secret@:port' })).toThrow(/^((?!secret).)*$/)
  })
})
