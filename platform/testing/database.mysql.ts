import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'

/** An empty database on the test server, with a connection that knows nothing of the adapters. */
export interface TestDatabase {
  name: string
  url: string
  /** Runs a statement, and gives its rows. */
  query(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** Waits until the statement gives a row, at most ten seconds. */
  until(statement: string, values?: unknown[]): Promise<Record<string, unknown>>
  drop(): Promise<void>
}

/** Makes a database under a name of its own. What its tables don't say themselves would be wrong: Latin-1, in any case. */
export async function createTestDatabase(server: string): Promise<TestDatabase> {
  const name = `parley_test_${randomUUID().replaceAll('-', '')}`
  const connection = await createConnection({ uri: server, timezone: 'Z' })
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET latin1`)
  await connection.query(`USE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const query = async (statement: string, values?: unknown[]) =>
    (await connection.query(statement, values))[0] as Record<string, unknown>[]
  return {
    name,
    url: String(url),
    query,
    async until(statement, values) {
      for (const deadline = Date.now() + 10_000; ; await pause(5)) {
        const [row] = await query(statement, values)
        if (row) return row
        if (Date.now() > deadline) throw new Error(`No row came of ${statement}`)
      }
    },
    async drop() {
      await connection.query(`DROP DATABASE ${name}`)
      await connection.end()
    },
  }
}
