import type { Socket } from 'node:net'
import { createPool, type PoolConnection, type QueryOptions, type QueryResult } from 'mysql2/promise'
import { within } from '../lifecycle/within.ts'
import { connectionOptions, sessionSettings, socketOf } from './connection.mysql.ts'
import { isUnavailable, notAnswering, toFailure } from './failures.mysql.ts'

/** Runs one statement on a connection, and gives what mysql2 gives. Throws as `toFailure` says. */
export type Run = (statement: string | QueryOptions, values?: unknown[]) => Promise<[QueryResult, unknown]>

export interface Pool {
  /**
   * Lends a connection to the work until this moment of `performance.now()`. A connection that is still in use then is destroyed:
   * nobody knows what is left on it. So is one on which the server stopped serving. Throws UNAVAILABLE when there is none.
   */
  lend<T>(until: number, work: (run: Run) => Promise<T>): Promise<T>
  /** Lets the lent ones come back, and lends no more. */
  close(): Promise<void>
}

/** How many may wait for a connection; more than that are refused at once. */
const mostWaiting = 1_000

/** Connections to the database of the URL, opened when they are needed. */
export function openPool({ url, connections }: { url: string; connections: number }): Pool {
  const pool = createPool({ ...connectionOptions(url), connectionLimit: connections, queueLimit: mostWaiting })
  const sockets = new Set<Socket>()
  const prepared = new WeakSet<object>()
  const lent = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  pool.on('connection', (connection) => {
    const socket = socketOf(connection)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // The borrower is told by the statement's own error. An event that nobody hears would end the process.
    connection.on('error', () => {})
  })

  const acquire = async (until: number): Promise<PoolConnection> => {
    const asked = pool.getConnection()
    try {
      return await within(until - performance.now(), asked, 'no connection was free')
    } catch (error) {
      // It may come yet, and nobody will want it.
      asked.then((connection) => connection.release()).catch(() => {})
      const failure = toFailure(error)
      throw failure === error ? notAnswering((error as Error).message) : failure
    }
  }
  const use = async <T>(until: number, work: (run: Run) => Promise<T>): Promise<T> => {
    const connection = await acquire(until)
    const socket = socketOf(connection.connection)
    const run: Run = async (statement, values) => {
      try {
        return await connection.query(statement as QueryOptions, values)
      } catch (error) {
        const failure = toFailure(error)
        if (isUnavailable(failure)) {
          // The first takes it out of the pool and says goodbye, the second does not wait for an answer.
          connection.destroy()
          socket.destroy()
        }
        throw failure
      }
    }
    // The statement that waits fails with its socket. (After `connection.destroy()` it would wait for ever.)
    const expired = setTimeout(() => socket.destroy(), Math.max(0, until - performance.now()))
    try {
      if (!prepared.has(connection.connection)) for (const setting of sessionSettings) await run(setting)
      prepared.add(connection.connection)
      return await work(run)
    } finally {
      clearTimeout(expired)
      connection.release()
    }
  }
  const closeAll = async () => {
    await Promise.allSettled(lent)
    await within(5_000, pool.end(), 'a connection did not close').catch(() => {})
    for (const socket of sockets) socket.destroySoon()
  }

  return {
    async lend(until, work) {
      if (closing) throw notAnswering('it was closed')
      const loan = use(until, work)
      lent.add(loan)
      try {
        return await loan
      } finally {
        lent.delete(loan)
      }
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}
