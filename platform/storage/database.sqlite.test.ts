import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { migrate, openDatabase, repeatableTransaction, transaction } from './database.sqlite.ts'

let folder: string
let database: DatabaseSync
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-sqlite-'))
  database = openDatabase(join(folder, 'parley.db'))
  database.exec('CREATE TABLE notes (text TEXT)')
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const [normal, full] = [1, 2]
const sync = () => database.prepare('PRAGMA synchronous').get()?.synchronous
const notes = () => database.prepare('SELECT text FROM notes').all()
const write = (text: string) => database.prepare('INSERT INTO notes VALUES (?)').run(text)

it('waits for the disk, except where the work would be done again', () => {
  expect(transaction(database, sync)).toBe(full)
  expect(repeatableTransaction(database, sync)).toBe(normal)
  expect(sync()).toBe(full)
})

it.each([transaction, repeatableTransaction])('undoes what was not finished (%p)', (run) => {
  const fail = () =>
    run(database, () => {
      write('lost')
      throw new Error('stopped')
    })
  expect(fail).toThrow('stopped')
  expect({ notes: notes(), sync: sync() }).toEqual({ notes: [], sync: full })
  run(database, () => write('kept'))
  expect(notes()).toEqual([{ text: 'kept' }])
  database.exec('DELETE FROM notes')
})

const steps = [
  'CREATE TABLE stocks (id INTEGER)',
  'ALTER TABLE stocks ADD COLUMN price INTEGER',
  '-- serves: >= 2\nALTER TABLE stocks DROP COLUMN id',
]
const columns = () =>
  database
    .prepare("SELECT name FROM pragma_table_info('stocks')")
    .all()
    .map(({ name }) => name)

it('a folder of a newer release opens while its tables still serve this one, and again in the newer one', () => {
  migrate(database, 'market', steps.slice(0, 2))
  migrate(database, 'market', steps.slice(0, 1))
  migrate(database, 'market', steps.slice(0, 2))
  expect(columns()).toEqual(['id', 'price'])
  // As the releases did that knew nothing of this.
  database.exec("UPDATE migrations SET version = 1 WHERE component = 'market'")
  migrate(database, 'market', steps)
  expect(columns()).toEqual(['price'])
  migrate(database, 'market', steps.slice(0, 2))
})

it('a folder from which a newer release took something away names both versions and what to do', () => {
  migrate(database, 'market', steps)
  expect(() => migrate(database, 'market', steps.slice(0, 1))).toThrow(
    /^The market tables in this data folder were made by a newer version of Parley: .* version 3, .* version 2 or later, and this release knows version 1\. Start a newer release/,
  )
})
