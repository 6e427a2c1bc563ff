import { setTimeout as pause } from 'node:timers/promises'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/mysql2'
import { migrate } from 'drizzle-orm/mysql2/migrator'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { within } from '../lifecycle/within.ts'
import { connectionOptions, sessionSettings, socketOf } from './connection.mysql.ts'
import { isUnavailable, toFailure } from './failures.mysql.ts'

export interface MysqlMigration {
  /** Of a database that exists. */
  url: string
  /** Whose tables they are. Components that share a database are migrated apart from each other. */
  component: string
  /** Holds `meta/_journal.json` and the `.sql` files that it names, in the form that drizzle-orm reads. */
  folder: string
  /** How long to wait for a server that is starting and for another process that migrates, in milliseconds. */
  patience?: number
}

/** A new index on a large table takes minutes. */
const longest = 15 * 60_000

/**
 * Brings the component's tables to their newest version: each file is applied once, by one process at a time. MySQL commits each
 * change of a table by itself, so a process that dies can leave a file half applied. The next one begins that file anew: its
 * statements have to bear being repeated. Throws when the database cannot be reached, and when a newer version has left it.
 */
export async function migrateMysql({ url, component, folder, patience = 30_000 }: MysqlMigration): Promise<void> {
  const until = performance.now() + patience
  const connection = await connect(url, until, patience)
  try {
    const late = `MySQL at ${new URL(url).host} stopped answering while the ${component} tables were migrated`
    await within(patience + 2_000, lock(connection, component, until), late)
    const unknown = await within(longest, apply(connection, component, folder), late)
    if (unknown > 0) throw new Error(`The ${component} tables were made by a newer version of Parley: start that one`)
    await within(2_000, connection.end(), late)
  } finally {
    // The lock goes with the connection.
    socketOf(connection.connection).destroySoon()
  }
}

/** Tries until the server answers. What is wrong with the URL is said at once, and without its password. */
async function connect(url: string, until: number, patience: number) {
  const options = connectionOptions(url)
  const { host, pathname } = new URL(url)
  for (;;) {
    const connectTimeout = Math.min(3_000, Math.max(1, until - performance.now()))
    try {
      const connection = await createConnection({ ...options, connectTimeout })
      connection.on('error', () => {})
      return connection as Connection & { connection: object }
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ER_BAD_DB_ERROR')
        throw new Error(`MySQL at ${host} has no database "${pathname.slice(1)}": it has to be created first`)
      if (!isUnavailable(toFailure(error))) throw new Error(`MySQL at ${host} refused the connection (${code})`)
      if (performance.now() >= until)
        throw new Error(`MySQL at ${host} could not be reached within ${patience} ms (${code})`)
    }
    await pause(100 + Math.random() * 200)
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
  if (answer?.locked !== 1) throw new Error(`The ${component} tables are being migrated by another process`)
}

/** Applies the files that are not recorded yet. Gives how many are recorded that come after the newest file. */
async function apply(connection: Connection, component: string, folder: string): Promise<number> {
  const config = { migrationsFolder: folder, migrationsTable: `${component}_migrations` }
  const newest = Math.max(...readMigrationFiles(config).map(({ folderMillis }) => folderMillis))
  try {
    await migrate(drizzle({ client: connection }), config)
  } catch (error) {
    throw new Error(`The ${component} tables could not be migrated`, { cause: toFailure(error) })
  }
  return (await rows(connection, `SELECT id FROM ${config.migrationsTable} WHERE created_at > ?`, [newest])).length
}

const rows = async (connection: Connection, statement: string, values: unknown[]) =>
  (await connection.query<RowDataPacket[]>(statement, values))[0]
