import { StartError } from '../../config/start-error.ts'
import { within } from '../../lifecycle/within.ts'
import { socketOf } from '../connection.mysql.ts'
import { connectMysql, Unreachable } from './connect.mysql.ts'
import { newestOf, readMigrations, recordedSchema } from './migrations.mysql.ts'
import { requireServed } from './schema-version.ts'

export interface RequiredSchema {
  url: string
  /** Whose tables they are, as `migrateMysql` calls them. */
  component: string
  folder: string
  /** How long a server that is away is waited for, in milliseconds. */
  patience?: number
}

/**
 * Holds the component's tables against this release before it serves. Throws a `StartError` that says what to do: at once when the
 * server refuses the login, has no such database, or its tables are older than this release or have left it behind. Resolves with
 * false when the server is away.
 */
export async function requireMysqlSchema({
  url,
  component,
  folder,
  patience = 2_000,
}: RequiredSchema): Promise<boolean> {
  try {
    const connection = await connectMysql(url, performance.now() + patience, patience)
    try {
      const files = readMigrations(folder)
      const late = `MySQL at ${new URL(url).host} stopped answering`
      const found = await within(5_000, recordedSchema(connection, component, files), late)
      const known = newestOf(files)
      if (!found) throw new StartError(`There are no ${component} tables in the database of MYSQL_URL: ${migrateFirst}`)
      if (found.version < known)
        throw new StartError(
          `The ${component} tables are at schema version ${found.version}, and this release needs ${known}: ${migrateFirst}`,
        )
      requireServed(`${component} tables`, found, known)
      return true
    } finally {
      socketOf(connection.connection).destroySoon()
    }
  } catch (error) {
    if (error instanceof Unreachable) return false
    throw error
  }
}

const migrateFirst = 'run `npm run migrate`, or start with MIGRATE_AT_START=true'
