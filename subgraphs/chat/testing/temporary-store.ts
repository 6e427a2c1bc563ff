import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteChatStore } from '../store/chat-store.sqlite.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** A folder for chat stores and event logs that is removed in the end. */
export async function temporaryStorage() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-chat-'))
  return {
    folder,
    open: async (): Promise<ChatStore> => openSqliteChatStore(join(folder, 'chat.db')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
