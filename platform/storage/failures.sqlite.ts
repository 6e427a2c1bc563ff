import { DatabaseSync } from 'node:sqlite'
import { unavailable } from '../errors/app-error.ts'
import type { Answer } from '../readiness/watch-dependencies.ts'

/** Results that are about the file, the disk or another process, and not about the statement, by SQLite's primary code. */
const passing = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
])
/** Others' locks go by themselves. */
const ofLocks = new Set(['SQLITE_BUSY', 'SQLITE_LOCKED'])

/** The code and the words of SQLite when it could not use the file; undefined for every other error. */
export function fileProblem(error: unknown): { code: string; reason: string } | undefined {
  const { errcode, message } = Object(error) as { errcode?: number; message?: string }
  // The upper bits tell more of the same.
  const code = errcode === undefined ? undefined : passing.get(errcode & 0xff)
  return code === undefined ? undefined : { code, reason: `${code}: ${message}` }
}

/**
 * A database whose calls throw UNAVAILABLE, with the reason as its cause, when the file cannot be used: the disk is full, or does not
 * take writes. It remembers that until a write succeeds.
 */
export class FileDatabase extends DatabaseSync {
  #problem: string | undefined

  override exec(sql: string): void {
    this.#run(() => super.exec(sql))
  }

  override prepare(sql: string) {
    const statement = this.#run(() => super.prepare(sql))
    for (const name of ['run', 'get', 'all'] as const) {
      const method = statement[name].bind(statement) as (...values: unknown[]) => never
      statement[name] = (...values: unknown[]) => this.#run(() => method(...values))
    }
    return statement
  }

  /** Whether it serves. After a write that failed it tries another one, of 32 kB that it gives back at once. */
  serves(): Answer {
    if (!this.isOpen) return false
    if (this.#problem === undefined) return true
    try {
      // Between the statements of others: none of them waits inside of a transaction.
      super.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS write_probe (bytes);
        INSERT INTO write_probe VALUES (randomblob(32768)); DELETE FROM write_probe; COMMIT`)
      this.#problem = undefined
      return true
    } catch (error) {
      if (this.isTransaction) super.exec('ROLLBACK')
      return { reason: `SQLite cannot write to the data folder (${fileProblem(error)?.reason ?? this.#problem})` }
    }
  }

  #run<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const problem = fileProblem(error)
      if (!problem) throw error
      if (!ofLocks.has(problem.code)) this.#problem = problem.reason
      throw Object.assign(unavailable('What is stored cannot be reached right now. Try again.'), {
        cause: new Error(problem.reason),
      })
    }
  }
}
