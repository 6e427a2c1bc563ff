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
