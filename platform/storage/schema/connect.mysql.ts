import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'
import { StartError } from '../../config/start-error.ts'
import { createWaitReport } from '../../lifecycle/wait-report.ts'
import type { Logger } from '../../logging/logger.ts'
import { connectionOptions } from '../connection.mysql.ts'
import { isUnavailable, toFailure } from '../failures.mysql.ts'

/** `connection` is the plain one, whose socket `socketOf` finds. */
export type OpenConnection = Connection & { connection: object }

/** The server was not reached in time: it is away, or still starting. */
export class Unreachable extends StartError {
  override name = 'Unreachable'
}

export interface ConnectOptions {
  url: string
  /** How long a server that is away is waited for, in milliseconds. */
  patience: number
  /** Hears what is waited for, and why. */
  logger?: Pick<Logger, 'warn'>
}

/** Where a MySQL URL leads to, with its port and without its password. */
export function placeOf(url: string): string {
  const { hostname, port } = new URL(url)
  return `MySQL at ${hostname}:${port || 3306} (MYSQL_URL)`
}

/** Tries until the server answers. Throws a `StartError`: at once when it refuses, without the password; `Unreachable` in the end. */
export async function connectMysql({ url, patience, logger }: ConnectOptions): Promise<OpenConnection> {
  const until = performance.now() + patience
  const options = connectionOptions(url)
  const { pathname, username } = new URL(url)
  const place = placeOf(url)
  const report = createWaitReport(logger, place)
  for (;;) {
    // Short enough that the first reason is known soon.
    const connectTimeout = Math.min(1_500, Math.max(1, until - performance.now()))
    try {
      const connection = await createConnection({ ...options, connectTimeout })
      connection.on('error', () => {})
      return connection as OpenConnection
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ER_BAD_DB_ERROR')
        throw new StartError(`${place} has no database "${pathname.slice(1)}": it has to be created first`)
      if (!isUnavailable(toFailure(error)))
        throw new StartError(`${place} refused the connection (${code})${hint(code, username)}`)
      report(String(code))
      if (performance.now() >= until)
        throw new Unreachable(`${place} could not be reached within ${patience} ms (${code})`)
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
