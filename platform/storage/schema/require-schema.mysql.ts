import type { Connection } from 'mysql2/promise'
import { StartError } from '../../config/start-error.ts'
import { within } from '../../lifecycle/within.ts'
import type { Logger } from '../../logging/logger.ts'
import { socketOf } from '../connection.mysql.ts'
import { isUnavailable, toFailure } from '../failures.mysql.ts'
import { connectMysql, placeOf, Unreachable } from './connect.mysql.ts'
import { newestOf, readMigrations, recordedSchema } from './migrations.mysql.ts'
import { requireRights } from './rights.mysql.ts'
import { requireServed } from './schema-version.ts'

export interface RequiredSchema {
  url: string
  /** Whose tables they are, as `migrateMysql` calls them. */
  component: string
  folder: string
  /** The tables that the component reads and writes. */
  tables: string[]
  /** How long a server that is away is waited for, in milliseconds. */
  patience?: number
  /** Hears what is waited for, and why. */
  logger?: Pick<Logger, 'warn'>
}

/**
 * Compares the component's tables with this release, and the user's rights on them with what it needs, before it serves. Throws a
 * `StartError` that says what to do: at once when the server refuses the login, has no such database, its tables are older than this
 * release or have left it behind, or a right is missing. Returns why, when the server is away.
 */
export async function requireMysqlSchema(required: RequiredSchema): Promise<Unreachable | undefined> {
  const { url, patience = 2_000, logger } = required
  const until = performance.now() + patience
  try {
    const connection = await connectMysql({ url, patience, logger })
    try {
      // A server that answered just now gets the time to answer once more.
      const timeout = Math.max(3_000, until - performance.now())
      await within(timeout, compare(connection, required), new Unreachable(`${placeOf(url)} stopped answering`))
    } finally {
      socketOf(connection.connection).destroySoon()
    }
  } catch (error) {
    const failure = toFailure(error)
    if (failure instanceof Unreachable) return failure
    if (isUnavailable(failure)) return new Unreachable(`${placeOf(url)} stopped answering`)
    throw failure
  }
}

async function compare(connection: Connection, { url, component, folder, tables }: RequiredSchema): Promise<void> {
  const files = readMigrations(folder)
  const found = await recordedSchema(connection, component, files)
  const known = newestOf(files)
  if (!found) throw new StartError(`There are no ${component} tables in the database of MYSQL_URL: ${migrateFirst}`)
  if (found.version < known)
    throw new StartError(
      `The ${component} tables are at schema version ${found.version}, and this release needs ${known}: ${migrateFirst}`,
    )
  requireServed(`${component} tables`, found, known)
  await requireRights(connection, url, tables)
}

const migrateFirst = 'run `npm run migrate`, or start with MIGRATE_AT_START=true'
