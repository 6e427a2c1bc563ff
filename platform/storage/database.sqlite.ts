import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { FileDatabase } from './failures.sqlite.ts'
import { requireServed, type SchemaVersion, servedVersion } from './schema/schema-version.ts'

/**
 * Opens the file, making it and its folder when they are missing. A committed write survives `kill -9` and a power cut
 * (write-ahead log, synced at each commit). Several connections may use one file. What is deleted is overwritten with zeros.
 */
export function openDatabase(file: string): FileDatabase {
  mkdirSync(dirname(file), { recursive: true })
  const database = new FileDatabase(file, { timeout: 5_000 })
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;',
  )
  return database
}

/** Runs the work as one transaction: all of it or nothing. The work must not wait for anything. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * As `transaction`, for work that is done again when it is missing: it does not wait for the disk. `kill -9` leaves it as it is; a power
 * cut may undo it, together with whatever was committed after it and not synced either.
 */
export function repeatableTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL')
  try {
    return transaction(database, work)
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}

/**
 * Brings the tables of one component to their newest version: each step is applied once, in order. A step that takes something away
 * says which versions it still serves (`-- serves: >= 3`); tables of a newer release are left as they are while they serve this one.
 * Throws a `StartError` when they do not.
 */
export function migrate(database: DatabaseSync, component: string, steps: string[]): void {
  // Releases before `schema_versions` know `migrations` alone, and set it back to what they know.
  database.exec(`
    CREATE TABLE IF NOT EXISTS migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS schema_versions (
      component TEXT PRIMARY KEY, version INTEGER NOT NULL, serves INTEGER NOT NULL)`)
  transaction(database, () => {
    const found = versionOf(database, component)
    requireServed(`${component} tables in this data folder`, found, steps.length)
    for (const step of steps.slice(found.version)) database.exec(step)
    const version = Math.max(found.version, steps.length)
    const serves = Math.max(found.serves, ...steps.map((step) => servedVersion(step) ?? 0))
    const setVersion = 'ON CONFLICT (component) DO UPDATE SET version = excluded.version'
    database.prepare(`INSERT INTO migrations VALUES (?, ?) ${setVersion}`).run(component, version)
    database
      .prepare(`INSERT INTO schema_versions VALUES (?, ?, ?) ${setVersion}, serves = excluded.serves`)
      .run(component, version, serves)
  })
}

function versionOf(database: DatabaseSync, component: string): SchemaVersion {
  const [old, row] = ['migrations', 'schema_versions'].map((table) =>
    database.prepare(`SELECT * FROM ${table} WHERE component = ?`).get(component),
  )
  return { version: Math.max(Number(old?.version ?? 0), Number(row?.version ?? 0)), serves: Number(row?.serves ?? 0) }
}
