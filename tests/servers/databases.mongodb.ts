import { MongoClient } from 'mongodb'

/** Removes a database that a test made. */
export async function dropMongodbDatabase(url: string): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 })
  try {
    await client.db().dropDatabase()
  } finally {
    await client.close()
  }
}
