import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { openMongodbChatStore } from '../store/chat-store.mongodb.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** A database for chat stores, on the server at the URL, that is dropped in the end. */
export function temporaryMongodbStorage(server: string) {
  const at = new URL(server)
  at.pathname = `/parley_test_${randomUUID().replaceAll('-', '')}`
  const url = at.href
  return {
    url,
    /** The same, by way of a proxy on this machine. (A replica set would tell the way around it.) */
    urlThrough({ port }: { port: number }) {
      const through = new URL(url)
      through.host = `127.0.0.1:${port}`
      through.searchParams.set('directConnection', 'true')
      return through.href
    },
    open: (): Promise<ChatStore> => openMongodbChatStore({ url }),
    /** Everything that is stored, as text. */
    async dump(): Promise<string> {
      const client = await MongoClient.connect(url)
      const collections = await client.db().collections()
      const documents = await Promise.all(collections.map((each) => each.find().toArray()))
      await client.close()
      return JSON.stringify(documents)
    },
    async remove() {
      const client = new MongoClient(url)
      await client.db().dropDatabase()
      await client.close()
    },
  }
}
