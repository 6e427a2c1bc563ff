import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Opens the file, making it and its folder when they are missing. A committed write survives `kill -9` and a power cut
 * (write-ahead log, synced at each commit). Several connections may use one file. What is deleted is overwritten with zeros.
 */
export function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file, { timeout: 5_000 })
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

/** Brings the tables of one component to their newest version: each step is applied once, in order. */
export function migrate(database: DatabaseSync, component: string, steps: string[]): void {
  database.exec('CREATE TABLE IF NOT EXISTS migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL)')
  transaction(database, () => {
    const row = database.prepare('SELECT version FROM migrations WHERE component = ?').get(component)
    for (const step of steps.slice(Number(row?.version ?? 0))) database.exec(step)
    database
      .prepare('INSERT INTO migrations VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version')
      .run(component, steps.length)
  })
}
