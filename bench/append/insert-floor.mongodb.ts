import { MongoClient } from 'mongodb'
import { collectionsOf, makeIndexes } from '../../subgraphs/chat/store/mongodb/collections.mongodb.ts'
import { toLogDocument } from '../../subgraphs/chat/store/mongodb/documents.mongodb.ts'
import type { InsertFloor } from './store.ts'

/** The floor in a database of its own, which goes when it closes. It acknowledges as the store's does, and has as many connections. */
export async function openMongodbFloor(url: string, connections: number): Promise<InsertFloor> {
  const client = new MongoClient(url, {
    maxPoolSize: connections,
    writeConcern: { w: 'majority', journal: true },
    ignoreUndefined: true,
  })
  const database = client.db()
  const collections = collectionsOf(database)
  await makeIndexes(collections)
  return {
    async insert(event) {
      await collections.roomLog.insertOne(toLogDocument(event))
    },
    async close() {
      await database.dropDatabase()
      await client.close()
    },
  }
}
