import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { onServer } from '../../../platform/testing/servers.ts'
import { eventsOf, origin } from '../domain/position.ts'
import { type Message, messageIdOf, type RoomEvent, sentMessage } from '../domain/room-event.ts'
import { deleted, edited, roomUpdated, sent } from '../testing/drafts.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import type { ChatStore } from './chat-store.ts'
import { collectionsOf } from './mongodb/collections.mongodb.ts'
import { toLogDocument } from './mongodb/documents.mongodb.ts'
import { chatTables } from './sqlite/tables.sqlite.ts'

/** A message as it is kept, beside the number of the event that changed it last. */
type Kept = Message & { v: number }

interface OldStore {
  write(events: RoomEvent[], messages: Kept[]): Promise<void>
  open(): Promise<ChatStore>
  remove(): Promise<void>
}

/** Texts that an earlier release left in its log: of a message that was edited twice, and of one that was edited and deleted. */
function oldRoom() {
  const drafts = [roomUpdated(), sent('secret 1'), sent('secret 2'), sent('open')]
  const sentMessages = eventsOf('a', origin, drafts).slice(1).map(sentMessage)
  const [first, second, third] = sentMessages as [Message, Message, Message]
  const changes = [edited(first, 'secret 3'), edited(second, 'secret 4'), edited(first, 'as it is'), deleted(second)]
  const messages = [
    { ...first, text: 'as it is', editedAt: 2_000, v: 7 },
    { ...second, text: '', editedAt: 2_000, deletedAt: 3_000, v: 8 },
    { ...third, v: 4 },
  ]
  return { events: eventsOf('a', origin, [...drafts, ...changes]), messages }
}

/** Tables as the release before redaction made them. */
async function oldSqliteStore(): Promise<OldStore> {
  const { folder, open, remove } = await temporaryStorage()
  return {
    async write(events, messages) {
      const database = new DatabaseSync(join(folder, 'chat.db'))
      for (const step of chatTables.slice(0, 2)) database.exec(step)
      database.exec('CREATE TABLE migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL)')
      const insert = (table: string, row: Record<string, string | number | null>) =>
        database
          .prepare(`INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => '?')})`)
          .run(...Object.values(row))
      insert('migrations', { component: 'chat', version: 2 })
      insert('rooms', { id: 'a', kind: 'PUBLIC', name: 'Room', name_key: 'room', created_at: 1, projected: 8 })
      for (const { roomId, seq, key, actorId, at, change, previous = null } of events) {
        const event = { room_id: roomId, seq, key, actor_id: actorId, at, previous }
        insert('room_log', { ...event, change: JSON.stringify(change), message_id: messageIdOf(change) ?? null })
      }
      for (const { id, roomId, seq, senderId, clientMessageId, text, createdAt, editedAt, deletedAt } of messages) {
        const message = { id, room_id: roomId, seq, sender_id: senderId, client_message_id: clientMessageId, text }
        insert('messages', { ...message, created_at: createdAt, edited_at: editedAt, deleted_at: deletedAt })
      }
      database.close()
    },
    open,
    remove,
  }
}

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

describe('rooms of an earlier release on sqlite', () => loseOldTexts(oldSqliteStore))
onServer('mongodb', (server) => {
  describe('rooms of version 1 on mongodb', () => loseOldTexts(oldMongodbStore(server, 1)))
  describe('rooms of the first releases on mongodb', () => loseOldTexts(oldMongodbStore(server, undefined)))
})

function loseOldTexts(make: () => Promise<OldStore>): void {
  it('lose the texts that were replaced or deleted, and nothing else, the first time they are opened', async () => {
    const old = await make()
    const { events, messages } = oldRoom()
    await old.write(events, messages)
    for (let opening = 1; opening <= 2; opening += 1) {
      const store = await old.open()
      const found = await store.log.read('a', 0, 100)
      expect(JSON.stringify(found)).not.toContain('secret')
      expect(found.map(({ seq, key, previous }) => ({ seq, key, previous }))).toEqual(
        events.map(({ seq, key, previous }) => ({ seq, key, previous })),
      )
      expect(found[3]).toEqual(events[3])
      expect(found[6]).toEqual(events[6])
      expect((await store.state.messages('a', { take: 'first', count: 10 })).items.map(({ text }) => text)).toEqual([
        'as it is',
        '',
        'open',
      ])
      await store.close()
    }
    await old.remove()
  })
}
