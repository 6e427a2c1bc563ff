import { DrizzleQueryError } from 'drizzle-orm'
import { StartError } from '../config/start-error.ts'
import { AppError, unavailable } from '../errors/app-error.ts'

/** A statement that the server refused, without its text and values: only why. */
interface Refusal extends Error {
  errno: number
}

const duplicateKey = 1062
const noParentRow = 1452
/** No such table, no such column. */
const notMigrated = new Set([1146, 1054])
const contention = new Set([1205, 1213])

/** Denied: a database; a table, a column, a routine; what needs a right of the whole server. */
const denied = new Set([1044, 1142, 1143, 1370, 1227])

/** The user may not do what was asked: an operator has to grant the right. */
export class MissingRight extends StartError {
  override name = 'MissingRight'
  readonly errno: number
  /** Such as `INSERT`. */
  readonly right: string
  /** Such as `on parley.accounts`. */
  readonly on: string

  constructor(errno: number, message: string) {
    const [, right = 'a right', user = ''] = /^(.+?) command denied to user '([^']*)'/.exec(message) ?? []
    const [, database, table] = /for table [`']?(?:([^`'.]+)[`']?\.[`']?)?([^`'.]+)[`']?/.exec(message) ?? []
    const where = table ? `on ${database ? `${database}.` : ''}${table}` : 'on the database'
    const name = user || (/user '([^']*)'/.exec(message)?.[1] ?? '')
    super(`The MySQL user "${name}" (MYSQL_URL) lacks a right: ${right} ${where}. Grant it`)
    this.errno = errno
    this.right = right
    this.on = where
  }
}

/** A server that answers, but cannot serve now. */
const cannotServe = new Set([
  // Too many connections: in all, of this user, in this hour; from this host.
  1040, 1203, 1226, 1129,
  // It is starting, shutting down, or off line; a cluster's node is not ready.
  1053, 1047, 3032, 3168,
  // It ended the connection or the statement.
  1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 1969, 3024, 4031,
  // It is read-only: after a failover it is no longer the primary.
  1290, 1792, 1836,
])

/**
 * What became of a statement: UNAVAILABLE when the server was not reached, did not answer or cannot serve; a `Refusal` when it
 * refused the statement; a `MissingRight` when the user may not run it. None of them has the statement or a value in it, as mysql2's and drizzle's errors have. Anything else stays
 * what it is.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof DrizzleQueryError) return toFailure(error.cause)
  if (!isDriverError(error)) return error
  const { code = 'connection lost', errno = 0 } = error
  if (denied.has(errno)) return new MissingRight(errno, error.message ?? '')
  if (errno < 1000 || cannotServe.has(errno)) return notAnswering(code)
  const hint = notMigrated.has(errno) ? ': its tables are not those of this release. Run `npm run migrate`' : ''
  return Object.assign(new Error(`The database refused a statement: ${code}${hint}`), { code, errno })
}

/** UNAVAILABLE, for a reason that is only logged. */
export const notAnswering = (reason: string): AppError =>
  Object.assign(unavailable('The database does not answer. Try again.'), { cause: new Error(reason) })

export const isUnavailable = (failure: unknown) => failure instanceof AppError && failure.code === 'UNAVAILABLE'

const brokenConnection = new Set(['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST', 'connection lost'])

/** Whether the connection broke under a statement: nobody knows whether it was done, and the next connection may well hold. */
export const isConnectionLost = (error: unknown): boolean => {
  const failure = toFailure(error)
  return isUnavailable(failure) && brokenConnection.has((failure as { cause?: Error }).cause?.message ?? '')
}

/** Whether others' locks were in the way: the same again may well succeed. */
export const isContention = (error: unknown) => contention.has(errorNumber(error))

/** Whether a row of this key is there already. */
export const isDuplicate = (error: unknown) => errorNumber(error) === duplicateKey

/** Whether the row that a foreign key points to is missing. */
export const isOrphan = (error: unknown) => errorNumber(error) === noParentRow

const errorNumber = (error: unknown) => (toFailure(error) as Partial<Refusal> | undefined)?.errno ?? 0

/** `errno` is the server's from 1000 up and the system's below 0; the driver's own errors have none and are fatal. */
interface DriverError {
  code?: string
  message?: string
  errno?: number
  fatal?: boolean
}
const isDriverError = (error: unknown): error is DriverError =>
  typeof error === 'object' &&
  error !== null &&
  (('errno' in error && typeof error.errno === 'number') || ('fatal' in error && error.fatal === true))
