import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createTestDatabase, type TestDatabase } from '../testing/database.mysql.ts'
import { type Script, startScript } from '../testing/script.ts'
import { onServer } from '../testing/servers.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'
import { migrateMysql } from './migrate.mysql.ts'
import { requireMysqlSchema } from './schema/require-schema.mysql.ts'

const script = join(import.meta.dirname, '../testing/migrate.mysql.ts')

onServer('mysql', (server) => {
  let database: TestDatabase
  let folder: string
  const started = new Set<Script>()
  beforeEach(async () => {
    database = await createTestDatabase(server)
    folder = await mkdtemp(join(tmpdir(), 'parley-migrations-'))
  })
  afterEach(async () => {
    await Promise.all([...started].map((each) => each.kill()))
    started.clear()
    await database.drop()
    await rm(folder, { recursive: true })
  })

  /** Makes files of these statements the component's migrations, the first being version 1. */
  const write = async (...files: string[][]) => {
    await mkdir(join(folder, 'meta'), { recursive: true })
    const entries = files.map((_, index) => ({
      idx: index + 1,
      when: index + 1,
      tag: `${index + 1}`,
      breakpoints: true,
    }))
    await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'mysql', entries }))
    for (const [index, statements] of files.entries())
      await writeFile(join(folder, `${index + 1}.sql`), statements.join(';\n--> statement-breakpoint\n'))
  }
  const migrate = (options: Partial<Parameters<typeof migrateMysql>[0]> = {}) =>
    migrateMysql({ url: database.url, component: 'market', folder, ...options })
  /** A process that is about to migrate. */
  const start = async () => {
    const migrating = startScript(script, [database.url, 'market', folder])
    started.add(migrating)
    expect(await migrating.hear()).toBe('ready')
    return migrating
  }
  const tables = async () => {
    const rows = await database.query(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
      [database.name],
    )
    return rows.map(({ name }) => name).sort()
  }
  const sleeping = "SELECT id FROM information_schema.processlist WHERE db = ? AND info LIKE 'DO SLEEP%'"

  describe('migrating a MySQL database', () => {
    it('applies each file once, in order', async () => {
      await write(['CREATE TABLE stocks (id INT)', 'INSERT INTO stocks VALUES (1)'])
      await migrate()
      await migrate()
      await write(
        ['CREATE TABLE stocks (id INT)'],
        ['ALTER TABLE stocks ADD COLUMN price INT', 'UPDATE stocks SET price = 2'],
      )
      await migrate()
      await migrate()
      expect(await database.query('SELECT * FROM stocks')).toEqual([{ id: 1, price: 2 }])
    })

    it('keeps the components of one database apart', async () => {
      await write(['CREATE TABLE stocks (id INT)'])
      await migrate({ component: 'market' })
      await write(['CREATE TABLE people (id INT)'], ['CREATE TABLE rooms (id INT)'])
      await migrate({ component: 'office' })
      await migrate({ component: 'office' })
      expect(await tables()).toEqual(['market_migrations', 'office_migrations', 'people', 'rooms', 'stocks'])
    })

    it('is done once by processes that start together', async () => {
      await write(['CREATE TABLE stocks (id INT)', 'DO SLEEP(0.2)', 'INSERT INTO stocks VALUES (1)'])
      const processes = await Promise.all([start(), start(), start()])
      for (const each of processes) each.say('go')
      for (const each of processes) expect(await each.hear()).toBe('migrated')
      expect(await database.query('SELECT * FROM stocks')).toEqual([{ id: 1 }])
    })

    it('is finished by the next process when one was killed', async () => {
      await write(['CREATE TABLE IF NOT EXISTS a (id INT)', 'DO SLEEP(1)', 'CREATE TABLE IF NOT EXISTS b (id INT)'])
      const killed = await start()
      killed.say('go')
      await database.until(sleeping, [database.name])
      await killed.kill()
      expect(await tables()).toEqual(['a', 'market_migrations'])
      await migrate()
      expect(await tables()).toEqual(['a', 'b', 'market_migrations'])
      expect(await database.query('SELECT * FROM market_migrations')).toHaveLength(1)
    })

    it('waits for another process only so long', async () => {
      await write(['DO SLEEP(5)'])
      const other = await start()
      other.say('go')
      const { id } = await database.until(sleeping, [database.name])
      await expect(migrate({ patience: 100 })).rejects.toThrow(
        'The market tables are being migrated by another process',
      )
      await other.kill()
      await database.query(`KILL ${id}`)
    })

    it('waits for a server that is still starting', async () => {
      await write(['CREATE TABLE stocks (id INT)'])
      const proxy = await startTcpProxy(database.url)
      proxy.refuse()
      const migrated = migrate({ url: proxy.url })
      await proxy.accept()
      await migrated
      expect(await tables()).toContain('stocks')
      await proxy.close()
    })

    it('says which server could not be reached, and no password', async () => {
      await write(['CREATE TABLE stocks (id INT)'])
      const proxy = await startTcpProxy(database.url)
      const url = new URL(proxy.url)
      url.password = 'secret'
      proxy.refuse()
      const refused = migrate({ url: String(url), patience: 300 })
      await expect(refused).rejects.toThrow(
        `MySQL at 127.0.0.1:${proxy.port} (MYSQL_URL) could not be reached within 300 ms (ECONNREFUSED)`,
      )
      await proxy.accept()
      proxy.freeze()
      const hanging = migrate({ url: String(url), patience: 300 })
      await expect(hanging).rejects.toThrow(
        `MySQL at 127.0.0.1:${proxy.port} (MYSQL_URL) could not be reached within 300 ms (ETIMEDOUT)`,
      )
      await proxy.close()
    })

    it('says at once that there is no such database, or no such user', async () => {
      await write(['CREATE TABLE stocks (id INT)'])
      const { host } = new URL(server)
      const url = new URL(server)
      url.pathname = '/parley_nowhere'
      await expect(migrate({ url: String(url) })).rejects.toThrow(
        `MySQL at ${host} (MYSQL_URL) has no database "parley_nowhere": it has to be created first`,
      )
      url.username = 'nobody'
      url.password = 'secret'
      await expect(migrate({ url: String(url) })).rejects.toThrow(
        `MySQL at ${host} (MYSQL_URL) refused the connection (ER_ACCESS_DENIED_ERROR)`,
      )
    })

    const first = ['CREATE TABLE stocks (id INT)']
    const requires = () => requireMysqlSchema({ url: database.url, component: 'market', folder, tables: ['stocks'] })

    it.each([
      ['says that it serves the release before', ['-- serves: >= 1\nALTER TABLE stocks ADD COLUMN price INT NULL']],
      ['says nothing, as one made by hand', ['ALTER TABLE stocks ADD COLUMN price INT NULL']],
    ])('leaves tables of a newer release alone whose migration %s', async (_, second) => {
      await write(first, second)
      expect(await migrate()).toBe(2)
      await write(first)
      expect(await migrate()).toBe(2)
      expect(await requires()).toBeUndefined()
      await write(first, second, ['CREATE TABLE prices (id INT)'])
      expect(await migrate()).toBe(3)
    })

    it('names both versions and what to do when a newer release has taken something away', async () => {
      const expand = ['-- serves: >= 1\nALTER TABLE stocks ADD COLUMN price INT NULL']
      const contract = ['-- serves: >= 2\nALTER TABLE stocks DROP COLUMN id']
      const expandAgain = ['-- serves: >= 1\nALTER TABLE stocks ADD COLUMN name INT NULL']
      await write(first, expand, contract, expandAgain)
      await migrate()
      await write(first, expand)
      expect(await requires()).toBeUndefined()
      await write(first)
      const message =
        'The market tables were made by a newer version of Parley: they are at schema version 4, which serves releases that know ' +
        'version 2 or later, and this release knows version 1. Start a newer release'
      await expect(migrate()).rejects.toThrow(message)
      await expect(requires()).rejects.toThrow(message)
    })

    it('has said what it takes away when it was killed in the middle of that', async () => {
      await write(first)
      await migrate()
      await write(first, ['-- serves: >= 2\nSELECT 1', 'DO SLEEP(1)', 'ALTER TABLE stocks DROP COLUMN id'])
      const killed = await start()
      killed.say('go')
      await database.until(sleeping, [database.name])
      await killed.kill()
      await write(first)
      await expect(requires()).rejects.toThrow('this release knows version 1')
    })

    it('is asked for when the tables are missing or older than the release', async () => {
      await write(first)
      await expect(requires()).rejects.toThrow(
        'There are no market tables in the database of MYSQL_URL: run `npm run migrate`',
      )
      await migrate()
      await write(first, ['CREATE TABLE prices (id INT)'])
      await expect(requires()).rejects.toThrow(
        'are at schema version 1, and this release needs 2: run `npm run migrate`',
      )
    })

    it('can be tried again after a file with a mistake', async () => {
      await write(['CREATE TABLE stocks (id INT)', 'CREATE TABL prices (id INT)'])
      await expect(migrate()).rejects.toThrow('The market tables could not be migrated')
      await write(['CREATE TABLE IF NOT EXISTS stocks (id INT)', 'CREATE TABLE prices (id INT)'])
      await migrate()
      expect(await tables()).toEqual(['market_migrations', 'prices', 'stocks'])
    })
  })
})
