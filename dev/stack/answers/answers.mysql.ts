import { createConnection } from 'mysql2/promise'

/** Makes the URL's database unless it is there. Throws while the server does not answer. */
export async function makeDatabase(url: string): Promise<void> {
  const server = new URL(url)
  const database = server.pathname.slice(1)
  server.pathname = ''
  const connection = await createConnection({ uri: server.href, connectTimeout: 2_000 })
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4`)
  } finally {
    await connection.end()
  }
}
