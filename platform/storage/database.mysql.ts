import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2'
import type { Pool as MysqlPool, QueryOptions } from 'mysql2/promise'
import { isConnectionLost, isContention, notAnswering, toFailure } from './failures.mysql.ts'
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
  /** Each statement runs on some connection, by itself. One that only reads runs again when its connection broke. */
  drizzle: Drizzle
  /** Runs the work as one transaction: all of it or nothing. It may run again when others' locks are in its way. */
  transaction<T>(work: (drizzle: Drizzle) => Promise<T>): Promise<T>
  /** Whether the server answers, within a second. Never throws. */
  ready(): Promise<boolean>
  /** Waits for running calls. */
  close(): Promise<void>
}

/** When others' locks are in the way, or the connection broke under a read. */
const mostTries = 6

/** Opens the database, which is not connected to before the first call. */
export function openMysqlDatabase(options: MysqlDatabaseOptions): MysqlDatabase {
  const { url, connections = 10, deadline = 5_000 } = options
  const pool = openPool({ url, connections })

  const call = async <T>(work: (run: Run) => Promise<T>, { onlyReads = false } = {}): Promise<T> => {
    const until = performance.now() + deadline
    for (let tries = 1; ; tries += 1) {
      try {
        return await pool.lend(until, work)
      } catch (error) {
        const isLost = onlyReads && isConnectionLost(error)
        if (!isLost && !isContention(error)) throw toFailure(error)
        if (tries === mostTries) throw isLost ? toFailure(error) : notAnswering('others held locks for too long')
        await pause(Math.random() * 10 * 2 ** tries)
      }
    }
  }
  return {
    drizzle: drizzleOn((statement, values) => call((run) => run(statement, values), { onlyReads: isRead(statement) })),
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

/** Whether a statement changes nothing, and locks nothing. */
const isRead = (statement: string | QueryOptions) => {
  const text = typeof statement === 'string' ? statement : statement.sql
  return /^\s*select\b/i.test(text) && !/\bfor (update|share)\b/i.test(text)
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
