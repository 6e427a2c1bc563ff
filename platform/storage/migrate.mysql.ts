import { drizzle } from 'drizzle-orm/mysql2'
import { migrate } from 'drizzle-orm/mysql2/migrator'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { StartError } from '../config/start-error.ts'
import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import { sessionSettings, socketOf } from './connection.mysql.ts'
import { MissingRight, toFailure } from './failures.mysql.ts'
import { connectMysql, placeOf, Unreachable } from './schema/connect.mysql.ts'
import {
  announceServed,
  newestOf,
  readMigrations,
  recordedSchema,
  recordOf,
  recordVersions,
} from './schema/migrations.mysql.ts'
import { requireServed } from './schema/schema-version.ts'

export interface MysqlMigration {
  /** Of a database that exists. */
  url: string
  /** Whose tables they are. Components that share a database are migrated apart from each other. */
  component: string
  /** Holds `meta/_journal.json` and the `.sql` files that it names, in the form that drizzle-orm reads. */
  folder: string
  /** How long to wait for a server that is starting and for another process that migrates, in milliseconds. */
  patience?: number
  /** Hears what is waited for, and why. */
  logger?: Pick<Logger, 'warn'>
}

/** A new index on a large table takes minutes. */
const longest = 15 * 60_000

/**
 * Brings the component's tables to their newest version: each file is applied once, by one process at a time. MySQL commits each
 * change of a table by itself, so a process that dies can leave a file half applied. The next one begins that file anew: its
 * statements have to bear being repeated. Tables of a newer release are left as they are while they still serve this one. Gives the
 * version that they are at. Throws when the database cannot be reached, and when a newer release has left this one behind.
 */
export async function migrateMysql(migration: MysqlMigration): Promise<number> {
  const { url, component, folder, patience = 30_000, logger } = migration
  const until = performance.now() + patience
  const connection = await connectMysql({ url, patience, logger })
  try {
    const late = new Unreachable(`${placeOf(url)} stopped answering while the ${component} tables were migrated`)
    await within(patience + 2_000, lock(connection, component, until), late)
    const version = await within(longest, apply(connection, component, folder), late)
    await within(2_000, connection.end(), late)
    return version
  } finally {
    // The lock goes with the connection.
    socketOf(connection.connection).destroySoon()
  }
}

/** Locks are the server's, not the database's, and their names have at most 64 characters. */
async function lock(connection: Connection, component: string, until: number): Promise<void> {
  for (const setting of sessionSettings) await connection.query(setting)
  // Behind a change that waits for a table, every other statement on that table waits too.
  await connection.query('SET lock_wait_timeout = 30')
  const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000))
  const name = "CONCAT('migrate ', ?, ' ', LEFT(SHA2(DATABASE(), 256), 32))"
  const [answer] = await rows(connection, `SELECT GET_LOCK(${name}, ?) AS locked`, [component, seconds])
  if (answer?.locked !== 1) throw new StartError(`The ${component} tables are being migrated by another process`)
}

/** Applies the files that are not recorded yet. Gives the version that the tables are at then. */
async function apply(connection: Connection, component: string, folder: string): Promise<number> {
  const files = readMigrations(folder)
  const known = newestOf(files)
  const before = await recordedSchema(connection, component, files)
  if (before) requireServed(`${component} tables`, before, known)
  if (before && before.version > known) return before.version
  try {
    await announceServed(connection, component, files)
    await migrate(drizzle({ client: connection }), { migrationsFolder: folder, migrationsTable: recordOf(component) })
    await recordVersions(connection, component, files)
  } catch (error) {
    const failure = toFailure(error)
    if (failure instanceof MissingRight) throw failure
    throw new Error(`The ${component} tables could not be migrated`, { cause: failure })
  }
  return known
}

const rows = async (connection: Connection, statement: string, values: unknown[]) =>
  (await connection.query<RowDataPacket[]>(statement, values))[0]
