import { migrate, openDatabase } from '../../../platform/storage/database.sqlite.ts'
import type { ChatStore } from './chat-store.ts'
import { createRoomLog } from './room-log.sqlite.ts'
import { createRoomState } from './room-state.sqlite.ts'
import { chatTables } from './tables.sqlite.ts'

/** A `ChatStore` in a file. */
export function openSqliteChatStore(file: string): ChatStore {
  const database = openDatabase(file)
  migrate(database, 'chat', chatTables)
  return {
    log: createRoomLog(database),
    state: createRoomState(database),
    ready: async () => database.isOpen,
    async close() {
      if (database.isOpen) database.close()
    },
  }
}
