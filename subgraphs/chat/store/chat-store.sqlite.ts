import { migrate, openDatabase } from '../../../platform/storage/database.sqlite.ts'
import type { ChatStore } from './chat-store.ts'
import { createPeople } from './sqlite/people.sqlite.ts'
import { createRoomLog } from './sqlite/room-log.sqlite.ts'
import { createRoomState } from './sqlite/room-state.sqlite.ts'
import { chatTables } from './sqlite/tables.sqlite.ts'

/** A `ChatStore` in a file. */
export function openSqliteChatStore(file: string): ChatStore {
  const database = openDatabase(file)
  migrate(database, 'chat', chatTables)
  return {
    log: createRoomLog(database),
    state: createRoomState(database),
    people: createPeople(database),
    ready: async () => database.serves(),
    async close() {
      if (database.isOpen) database.close()
    },
  }
}
