import process from 'node:process'
import { createLogger } from '../../../platform/logging/logger.ts'
import { chatDefaults } from '../config.ts'
import { createRoomLog } from '../log/room-log.ts'
import { openMongodbChatStore } from '../store/chat-store.mongodb.ts'
import { openSqliteChatStore } from '../store/chat-store.sqlite.ts'
import { sent } from './drafts.ts'

/** What a child process is told to do: so many sends to one room, as this user. */
export interface SendMany {
  /** A `mongodb:` URL, or the file of a SQLite database. */
  storage: string
  roomId: string
  userId: string
  count: number
}

/** The acknowledged sends: their keys, and the numbers that they got. */
export type Acknowledged = [key: string, seq: number][]

const inFlight = 500

async function sendMany({ storage, roomId, userId, count }: SendMany): Promise<Acknowledged> {
  const store = storage.startsWith('mongodb:')
    ? await openMongodbChatStore({ url: storage })
    : openSqliteChatStore(storage)
  const log = createRoomLog({
    store,
    logger: createLogger('chat', 'silent'),
    limits: chatDefaults.commits,
    onCommitted: () => {},
  })
  const acknowledged: Acknowledged = []
  let next = 0
  const sender = async () => {
    while (next < count) {
      const text = `${next++}`
      const key = `${userId}:${text}`
      // As clients do: the same send again, until it is acknowledged.
      for (let isSent = false; !isSent; ) {
        const command = { key, batchable: true, decide: () => [sent(text, userId, { key })] }
        const committed = await log.commit(roomId, command).catch(() => undefined)
        const [event] = committed?.events ?? []
        if (event) acknowledged.push([key, event.seq])
        isSent = event !== undefined
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, sender))
  await log.close()
  await store.close()
  return acknowledged
}

process.once('message', async (task: SendMany) => {
  process.send?.(await sendMany(task))
  process.disconnect()
})
process.send?.('ready')
