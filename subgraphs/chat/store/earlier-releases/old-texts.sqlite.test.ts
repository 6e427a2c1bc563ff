import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageIdOf } from '../../domain/room-event.ts'
import { temporaryStorage } from '../../testing/temporary-store.ts'
import { chatTables } from '../sqlite/tables.sqlite.ts'
import { type OldStore, oldTextsContract } from './old-texts.contract.ts'

oldTextsContract('sqlite', oldSqliteStore)

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
