import { createConnection } from 'mysql2/promise'

/** Removes a database that a test made. */
export async function dropMysqlDatabase(server: string, name: string): Promise<void> {
  const connection = await createConnection({ uri: server, connectTimeout: 5_000 })
  try {
    await connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
  } finally {
    await connection.end()
  }
}

/** Runs statements one after the other, as somebody with a console would. */
export async function runStatements(url: string, ...statements: string[]): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 5_000 })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}
