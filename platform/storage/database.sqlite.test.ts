import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openDatabase, repeatableTransaction, transaction } from './database.sqlite.ts'

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
