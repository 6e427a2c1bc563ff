import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
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
    /** Everything in the files. What is written ahead is no place to look until it is taken over, which closing the stores does. */
    async dump(): Promise<string> {
      const files = (await readdir(folder)).filter((name) => !/-(wal|shm)$/.test(name))
      return (await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))).join()
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
