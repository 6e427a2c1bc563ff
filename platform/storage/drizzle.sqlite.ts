import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'

type Drizzle = SqliteRemoteDatabase<Record<string, never>>

/**
 * drizzle on a `node:sqlite` connection. Each statement is atomic by itself; drizzle's transactions are not used, because other
 * requests' statements would come in between.
 */
export function drizzleOnSqlite(database: DatabaseSync): Drizzle {
  return drizzle(async (sql, parameters, method) => {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    const values = parameters as SQLInputValue[]
    if (method === 'run') {
      statement.run(...values)
      return { rows: [] }
    }
    // drizzle wants the one row of a `get` unwrapped, whatever its declared type says.
    const rows = method === 'get' ? statement.get(...values) : statement.all(...values)
    return { rows: rows as unknown as unknown[] }
  })
}

/** A statement that drizzle has written but not run. */
export interface WrittenStatement {
  toSQL(): { sql: string; params: unknown[] }
}

/** Runs a statement at once, as it has to be inside a transaction. Returns how many rows it changed. */
export function runAtOnce(database: DatabaseSync, statement: WrittenStatement): number {
  const { sql, params } = statement.toSQL()
  return Number(database.prepare(sql).run(...(params as SQLInputValue[])).changes)
}
