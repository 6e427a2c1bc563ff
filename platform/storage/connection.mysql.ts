import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'mysql2/promise'

/** How to reach the server of the URL, which can say more in its query as mysql2 understands it. Throws when it is no URL. */
export function connectionOptions(url: string): ConnectionOptions {
  // mysql2's own error would show the password.
  if (!URL.canParse(url)) throw new Error('What should be the URL of a MySQL database is no URL')
  return {
    uri: url,
    charset: 'utf8mb4_unicode_ci',
    timezone: 'Z',
    // An object among the values is never taken for SQL.
    stringifyObjects: true,
    connectTimeout: 3_000,
    // Finds connections of a machine that is gone, and keeps those that a network would forget.
    keepAliveInitialDelay: 10_000,
  }
}

/**
 * What every connection sets first, whatever the server's defaults are. The SQL mode is strict, and has no
 * NO_BACKSLASH_ESCAPES, with which mysql2's way to write values could be tricked. With READ COMMITTED a statement sees what was
 * committed before it, also within a transaction, and no gaps are locked.
 */
export const sessionSettings = [
  'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci',
  "SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = 1",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
]

/**
 * The socket of a connection (of a plain one, not of its promise wrapper). To a server that hangs, a connection ends only with its
 * socket: mysql2's own `destroy` waits for an answer.
 */
export const socketOf = (connection: object) => (connection as { stream: Socket }).stream
