import { migrate, openDatabase } from '../../platform/storage/database.sqlite.ts'
import { messageIdOf } from '../../subgraphs/chat/domain/room-event.ts'
import { chatTables } from '../../subgraphs/chat/store/sqlite/tables.sqlite.ts'
import type { InsertFloor } from './store.ts'

/** The floor in a file, synced at each commit as the store's is. */
export function openSqliteFloor(file: string): InsertFloor {
  const database = openDatabase(file)
  migrate(database, 'chat', chatTables)
  const insert = database.prepare(
    'INSERT INTO room_log (room_id, seq, key, actor_id, at, change, message_id) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    async insert({ roomId, seq, key, actorId, at, change }) {
      insert.run(roomId, seq, key, actorId, at, JSON.stringify(change), messageIdOf(change) ?? null)
    },
    close: async () => database.close(),
  }
}
