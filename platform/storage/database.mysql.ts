import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2'
import type { Pool as MysqlPool } from 'mysql2/promise'
import { isContention, notAnswering, toFailure } from './failures.mysql.ts'
import { openPool, type Run } from './pool.mysql.ts'

export type Drizzle = MySql2Database<Record<string, never>>

export interface MysqlDatabaseOptions {
  /** `mysql://user:password@host:port/database`; the query can hold other options of mysql2, such as `ssl`. */
  url: string
  /** The most that are open at once. */
  connections?: number
  /** How long a call may take, waiting and retries included, in milliseconds. */
  deadline?: number
}

/** A database on MySQL or MariaDB. Calls throw UNAVAILABLE when it cannot be reached or does not answer in time. */
export interface MysqlDatabase {
  /** Each statement runs on some connection, by itself. */
  drizzle: Drizzle
  /** Runs the work as one transaction: all of it or nothing. It may run again when others' locks are in its way. */
  transaction<T>(work: (drizzle: Drizzle) => Promise<T>): Promise<T>
  /** Whether the server answers, within a second. Never throws. */
  ready(): Promise<boolean>
  /** Waits for running calls. */
  close(): Promise<void>
}

/** When others' locks are in the way. */
const mostTries = 6

/** Opens the database, which is not connected to before the first call. */
export function openMysqlDatabase(options: MysqlDatabaseOptions): MysqlDatabase {
  const { url, connections = 10, deadline = 5_000 } = options
  const pool = openPool({ url, connections })

  const call = async <T>(work: (run: Run) => Promise<T>): Promise<T> => {
    const until = performance.now() + deadline
    for (let tries = 1; ; tries += 1) {
      try {
        return await pool.lend(until, work)
      } catch (error) {
        if (!isContention(error)) throw toFailure(error)
        if (tries === mostTries) throw notAnswering('others held locks for too long')
        await pause(Math.random() * 10 * 2 ** tries)
      }
    }
  }
  return {
    drizzle: drizzleOn((statement, values) => call((run) => run(statement, values))),
    transaction: (work) => call((run) => inTransaction(run, work)),
    ready: () =>
      pool
        .lend(performance.now() + 1_000, (run) => run('SELECT 1'))
        .then(
          () => true,
          () => false,
        ),
    close: pool.close,
  }
}

async function inTransaction<T>(run: Run, work: (drizzle: Drizzle) => Promise<T>): Promise<T> {
  await run('START TRANSACTION')
  try {
    const result = await work(drizzleOn(run))
    await run('COMMIT')
    return result
  } catch (error) {
    // On a connection that is gone the server does it.
    await run('ROLLBACK').catch(() => {})
    throw error
  }
}

/** drizzle asks its client for nothing else. */
const drizzleOn = (query: Run): Drizzle => drizzle({ client: { query } as unknown as MysqlPool })
