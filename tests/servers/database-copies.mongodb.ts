import { type Document, MongoClient } from 'mongodb'

/** Copies a database that a test made; gives what takes it back to that, whatever runs on it. */
export async function copyMongodbDatabase(url: string): Promise<() => Promise<void>> {
  const inDatabase = async <T>(work: (database: ReturnType<MongoClient['db']>) => Promise<T>) => {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 })
    try {
      return await work(client.db())
    } finally {
      await client.close()
    }
  }
  const copy = await inDatabase(async (database) => {
    const collections = await database.collections()
    return Promise.all(
      collections.map(async (each) => [each.collectionName, await each.find<Document>({}).toArray()] as const),
    )
  })
  return () =>
    inDatabase(async (database) => {
      for (const [name, documents] of copy) {
        const collection = database.collection<Document>(name)
        await collection.deleteMany({ _id: { $nin: documents.map(({ _id }) => _id) } })
        for (const document of documents) await collection.replaceOne({ _id: document._id }, document, { upsert: true })
      }
    })
}
