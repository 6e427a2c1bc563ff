import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { openDatabase, transaction } from './database.sqlite.ts'
import { drizzleOnSqlite } from './drizzle.sqlite.ts'
import type { FileDatabase } from './failures.sqlite.ts'
import { withoutQueries } from './query-errors.ts'

describe('a database whose file cannot be used', () => {
  let folder: string
  let file: string
  let database: FileDatabase
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-failures-'))
    file = join(folder, 'parley.sqlite')
    database = openDatabase(file)
    database.exec('CREATE TABLE notes (text TEXT UNIQUE)')
  })
  afterEach(() => {
    if (database.isOpen) database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const insert = (text = 'x'.repeat(100_000)) => database.prepare('INSERT INTO notes VALUES (?)').run(text)
  const pages = () => Number(database.prepare('PRAGMA page_count').get()?.page_count)
  const failureOf = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      return error
    }
  }
  const away = (reason: string) =>
    expect.objectContaining({
      code: 'UNAVAILABLE',
      cause: expect.objectContaining({ message: expect.stringContaining(reason) }),
    })

  it.each<[string, () => unknown]>([
    ['a statement', () => insert()],
    ['a transaction', () => transaction(database, () => insert())],
    ['a script', () => database.exec(`INSERT INTO notes VALUES ('${'y'.repeat(100_000)}')`)],
  ])('is UNAVAILABLE to %s while its disk is full, says so, and serves again when there is room', (_, write) => {
    expect(database.serves()).toBe(true)
    database.exec(`PRAGMA max_page_count = ${pages()}`)
    expect(failureOf(write)).toEqual(away('SQLITE_FULL: database or disk is full'))
    expect(database.isTransaction).toBe(false)
    expect(database.serves()).toEqual({
      reason: 'SQLite cannot write to the data folder (SQLITE_FULL: database or disk is full)',
    })
    expect(database.prepare('SELECT count(*) AS n FROM notes').get()?.n).toBe(0)
    database.exec('PRAGMA max_page_count = 1000000')
    expect(database.serves()).toBe(true)
    write()
  })

  it('is UNAVAILABLE when it takes no writes', () => {
    database.exec('PRAGMA query_only = ON')
    expect(failureOf(insert)).toEqual(away('SQLITE_READONLY'))
    expect(database.serves()).toEqual({ reason: expect.stringContaining('SQLITE_READONLY') })
  })

  it('is UNAVAILABLE while another process writes, which is no reason to send no work', () => {
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    database.exec('PRAGMA busy_timeout = 1')
    expect(failureOf(insert)).toEqual(away('SQLITE_BUSY'))
    expect(database.serves()).toBe(true)
    other.exec('ROLLBACK')
    other.close()
  })

  it('keeps every other error as it is', () => {
    insert('a')
    expect(failureOf(() => insert('a'))).toMatchObject({ message: expect.stringContaining('UNIQUE') })
    expect(failureOf(() => database.exec('nonsense'))).toMatchObject({ code: 'ERR_SQLITE_ERROR' })
    expect(database.serves()).toBe(true)
  })

  it('is UNAVAILABLE through drizzle as well', async () => {
    const drizzle = drizzleOnSqlite(database)
    const store = withoutQueries({ add: async () => drizzle.run(sql`INSERT INTO notes VALUES ('a')`) })
    database.exec('PRAGMA query_only = ON')
    await expect(store.add()).rejects.toEqual(away('SQLITE_READONLY'))
  })
})
