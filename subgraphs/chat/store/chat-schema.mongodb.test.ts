import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { onServer } from '../../../platform/testing/servers.ts'
import { chatSchema, recordChatSchema, requireChatSchema } from './chat-schema.mongodb.ts'
import { openMongodbChatStore } from './chat-store.mongodb.ts'

onServer('mongodb', (server) => {
  const url = new URL(server)
  url.pathname = `/parley_schema_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const client = new MongoClient(String(url))
  const database = client.db()
  beforeAll(async () => void (await client.connect()))
  beforeEach(async () => void (await database.dropDatabase()))
  afterAll(async () => {
    await database.dropDatabase()
    await client.close()
  })
  const recorded = () => database.collection<{ _id: string }>('schema_versions').findOne({ _id: 'chat' })

  it('records what the release writes, and nothing less than a newer one has', async () => {
    await (await openMongodbChatStore({ url: String(url) })).close()
    expect(await recorded()).toMatchObject(chatSchema)
    const newer = { version: chatSchema.version + 5, serves: chatSchema.version }
    await recordChatSchema(database, newer)
    // The release before is started again: it serves, and leaves the record.
    await (await openMongodbChatStore({ url: String(url) })).close()
    expect(await recorded()).toMatchObject(newer)
  })

  it('refuses collections of a release that has left this one behind, and names both versions', async () => {
    await recordChatSchema(database, { version: 9, serves: 8 })
    await expect(requireChatSchema(database, 8)).resolves.toBeUndefined()
    await expect(openMongodbChatStore({ url: String(url) })).rejects.toThrow(
      /^The chat collections were made by a newer version of Parley: .* version 9, .* version 8 or later, and this release knows version 2\./,
    )
  })
})
