import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'
import { StartError } from '../../config/start-error.ts'
import { connectionOptions } from '../connection.mysql.ts'
import { isUnavailable, toFailure } from '../failures.mysql.ts'

/** `connection` is the plain one, whose socket `socketOf` finds. */
export type OpenConnection = Connection & { connection: object }

/** The server was not reached in time: it is away, or still starting. */
export class Unreachable extends StartError {
  override name = 'Unreachable'
}

/** Tries until the server answers. Throws a `StartError`: at once when it refuses, without the password; `Unreachable` in the end. */
export async function connectMysql(url: string, until: number, patience: number): Promise<OpenConnection> {
  const options = connectionOptions(url)
  const { host, pathname, username } = new URL(url)
  for (;;) {
    const connectTimeout = Math.min(3_000, Math.max(1, until - performance.now()))
    try {
      const connection = await createConnection({ ...options, connectTimeout })
      connection.on('error', () => {})
      return connection as OpenConnection
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ER_BAD_DB_ERROR')
        throw new StartError(`MySQL at ${host} has no database "${pathname.slice(1)}": it has to be created first`)
      if (!isUnavailable(toFailure(error)))
        throw new StartError(`MySQL at ${host} refused the connection (${code})${hint(code, username)}`)
      if (performance.now() >= until)
        throw new Unreachable(`MySQL at ${host} could not be reached within ${patience} ms (${code})`)
    }
    await pause(100 + Math.random() * 200)
  }
}

function hint(code: string | undefined, username: string): string {
  const user = username ? `the user "${decodeURIComponent(username)}"` : 'a user without a name'
  if (code === 'ER_ACCESS_DENIED_ERROR') return `: access denied for ${user}. MYSQL_URL has a wrong name or password`
  if (code === 'ER_DBACCESS_DENIED_ERROR') return `: ${user} has no rights on the database of MYSQL_URL`
  return ': does MYSQL_URL lead to a MySQL server?'
}
