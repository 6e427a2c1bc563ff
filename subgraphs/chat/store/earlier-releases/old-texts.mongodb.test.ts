import { MongoClient } from 'mongodb'
import { onServer } from '../../../../platform/testing/servers.ts'
import { temporaryMongodbStorage } from '../../testing/temporary-store.mongodb.ts'
import { collectionsOf } from '../mongodb/collections.mongodb.ts'
import { toLogDocument } from '../mongodb/documents.mongodb.ts'
import { type OldStore, oldTextsContract } from './old-texts.contract.ts'

/** Documents as the releases of schema version 1 wrote them, and the first ones, which kept no version. */
const oldMongodbStore = (server: string, version: number | undefined) => async (): Promise<OldStore> => {
  const { url, open, remove } = temporaryMongodbStorage(server)
  return {
    async write(events, messages) {
      const client = await MongoClient.connect(url)
      const { roomLog, rooms, messages: kept } = collectionsOf(client.db())
      const room = { kind: 'PUBLIC', name: 'Room', nameKey: 'room', topic: null, createdAt: 1 } as const
      await rooms.insertOne({ _id: 'a', ...room, memberCount: 0, ownerCount: 0, projected: 8 })
      await roomLog.insertMany(events.map(toLogDocument))
      await kept.insertMany(messages.map(({ id, ...message }) => ({ _id: id, ...message })))
      const versions = client.db().collection<{ _id: string }>('schema_versions')
      if (version !== undefined) await versions.insertOne({ _id: 'chat', ...{ version, serves: 1 } })
      await client.close()
    },
    open,
    remove,
  }
}

onServer('mongodb', (server) => {
  oldTextsContract('mongodb, version 1', oldMongodbStore(server, 1))
  oldTextsContract('mongodb, before versions', oldMongodbStore(server, undefined))
})
