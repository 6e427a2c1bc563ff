import { MongoClient } from 'mongodb'

/** Throws while the server does not answer. */
export async function pingMongodb(url: string): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000, connectTimeoutMS: 2_000 })
  try {
    await client.db().command({ ping: 1 })
  } finally {
    await client.close()
  }
}
