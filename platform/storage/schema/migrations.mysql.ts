import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { type SchemaVersion, servedVersion } from './schema-version.ts'

/** A file of migrations, as the journal of the folder names it. */
export interface MigrationFile extends SchemaVersion {
  /** What drizzle-orm records as `created_at`. */
  when: number
}

/** The files of the folder, the oldest first. Version 12 is in a file whose name starts with 12, whatever zeros are before it. */
export function readMigrations(folder: string): MigrationFile[] {
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { idx: number; when: number; tag: string }[]
  }
  const files = journal.entries.map(({ idx, when, tag }) => ({
    when,
    version: Number(/^\d+/.exec(tag)?.[0] ?? idx),
    serves: servedVersion(readFileSync(join(folder, `${tag}.sql`), 'utf8')) ?? 0,
  }))
  return files.toSorted((a, b) => a.when - b.when)
}

/** The newest version that this release knows. */
export const newestOf = (files: MigrationFile[]): number => files.at(-1)?.version ?? 0

/** Where drizzle-orm records what was applied; `version` and `serves` are added to it. */
export const recordOf = (component: string) => `${component}_migrations`

/**
 * What the component's record says; undefined when there is none. A migration that does not say what it serves, because it was applied
 * by hand or by an older release, counts as one that takes nothing away.
 */
export async function recordedSchema(
  connection: Pick<Connection, 'query'>,
  component: string,
  files: MigrationFile[],
): Promise<SchemaVersion | undefined> {
  const table = recordOf(component)
  const columns = await columnsOf(connection, table)
  if (columns.length === 0) return undefined
  const says = columns.includes('serves') && columns.includes('version')
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT created_at AS applied, ${says ? 'version, serves' : 'NULL AS version, NULL AS serves'} FROM ${table}`,
  )
  if (rows.length === 0) return undefined
  const versions = rows.map(({ applied, version }) => {
    const file = files.find(({ when }) => when === Number(applied))
    return Number(version ?? file?.version ?? newestOf(files) + 1)
  })
  return { version: Math.max(...versions), serves: Math.max(...rows.map(({ serves }) => Number(serves ?? 0))) }
}

/** Adds to the record what the applied files say of themselves. */
export async function recordVersions(connection: Connection, component: string, files: MigrationFile[]): Promise<void> {
  const table = recordOf(component)
  await addColumns(connection, table)
  for (const { when, version, serves } of files)
    await connection.query(
      `UPDATE ${table} SET version = ?, serves = GREATEST(COALESCE(serves, 0), ?) WHERE created_at = ?`,
      [version, serves, when],
    )
}

/** Says before files are applied what will be served then: a process that dies in between must not leave it unsaid. */
export async function announceServed(connection: Connection, component: string, files: MigrationFile[]): Promise<void> {
  const table = recordOf(component)
  if ((await columnsOf(connection, table)).length === 0) return
  await addColumns(connection, table)
  const serves = Math.max(0, ...files.map((file) => file.serves))
  await connection.query(`UPDATE ${table} SET serves = GREATEST(COALESCE(serves, 0), ?)`, [serves])
}

async function addColumns(connection: Connection, table: string): Promise<void> {
  const columns = await columnsOf(connection, table)
  for (const name of ['version', 'serves'])
    if (!columns.includes(name)) await connection.query(`ALTER TABLE ${table} ADD COLUMN ${name} INT NULL`)
}

async function columnsOf(connection: Pick<Connection, 'query'>, table: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
    [table],
  )
  return rows.map(({ name }) => String(name).toLowerCase())
}
