import { DatabaseSync } from 'node:sqlite'

/** Gives the file back if it is a database that can be written to, or can become one. Throws SQLite's reason. */
export function checkDatabase(file: string): string {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA schema_version; BEGIN IMMEDIATE; ROLLBACK')
    return file
  } finally {
    database.close()
  }
}
