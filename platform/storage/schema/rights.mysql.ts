import type { Connection, RowDataPacket } from 'mysql2/promise'
import { StartError } from '../../config/start-error.ts'
import { MissingRight, toFailure } from '../failures.mysql.ts'

/**
 * Throws a `StartError` that names the user and what it may not do when it may not read, insert, update and delete in each table. The
 * server checks rights before it looks for rows, so each question is a statement that finds none.
 */
export async function requireRights(connection: Connection, url: string, tables: string[]): Promise<void> {
  const missing: string[] = []
  for (const table of tables) {
    for (const statement of await statementsFor(connection, table)) {
      const failure = await connection.query(statement).then(() => undefined, toFailure)
      if (failure instanceof MissingRight) missing.push(`${failure.right} ${failure.on}`)
      // A replica that takes no writes, for example: what else keeps a statement from running is no question of rights.
    }
  }
  if (missing.length === 0) return
  const user = decodeURIComponent(new URL(url).username)
  throw new StartError(
    `The MySQL user "${user}" (MYSQL_URL) lacks rights: ${missing.join(', ')}. Grant it SELECT, INSERT, UPDATE and DELETE on the database`,
  )
}

async function statementsFor(connection: Connection, table: string): Promise<string[]> {
  // It shows the columns on which the user has any right.
  const [columns] = await connection.query<RowDataPacket[]>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? LIMIT 1',
    [table],
  )
  const select = `SELECT 1 FROM ${table} WHERE FALSE`
  const column = columns[0]?.name
  if (column === undefined) return [select]
  return [
    select,
    `INSERT INTO ${table} SELECT * FROM ${table} WHERE FALSE`,
    `UPDATE ${table} SET ${column} = ${column} WHERE FALSE`,
    `DELETE FROM ${table} WHERE FALSE`,
  ]
}
