import { createLogger } from '../../../platform/logging/logger.ts'
import { chatDefaults } from '../config.ts'
import type { Chat } from '../domain/chat.ts'
import { createArrivals } from '../feeds/arrivals.ts'
import { createRoomFeeds } from '../feeds/room-feeds.ts'
import { createRoomLog } from '../log/room-log.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { createFaultyBroadcast } from './faulty-broadcast.ts'
import { ann, bob, eve, mel, mod } from './people.ts'
import { recordPositions } from './recorded-positions.ts'
import { temporaryStorage } from './temporary-store.ts'

const logger = createLogger('chat', 'silent')

export interface TestChatOptions {
  maxReplay?: number
  /** How often the feeds compare themselves with the log, in milliseconds. */
  checkEvery?: number
  /** Puts something between the chat and its store. */
  around?(store: ChatStore): ChatStore
}

/** A chat on this store, as one process of several may be. Its events go to its broadcast directly; a lost one is found soon. */
export function createTestChat(store: ChatStore, { maxReplay = 1_000, checkEvery = 20 }: TestChatOptions = {}) {
  const broadcast = createFaultyBroadcast()
  const log = createRoomLog({
    store,
    logger,
    limits: chatDefaults.commits,
    onCommitted(events) {
      const [first] = events
      if (first) void broadcast.publish(roomChannel(first.roomId), JSON.stringify(events))
    },
  })
  const limits = { ...chatDefaults.feeds, checkEvery, checkEveryDisconnected: 5 }
  const feeds = createRoomFeeds({ log: store.log, broadcast, logger, limits })
  const arrivals = createArrivals({
    store,
    maxWaiting: chatDefaults.maxArriving,
    snapshotBytes: chatDefaults.snapshotBytes,
  })
  const chat: Chat = { store, log, feeds, arrivals, maxReplay }
  return {
    chat,
    broadcast,
    async close() {
      await arrivals.close()
      await feeds.close()
      await log.close()
    },
  }
}

/** A chat on a store of its own. */
export async function openTestChat(options: TestChatOptions = {}) {
  const { around = (store) => store } = options
  const storage = await temporaryStorage()
  const opened = await storage.open()
  await opened.people.add([ann, bob, eve, mod, mel].map(({ userId }) => userId))
  const { store, positionAt } = recordPositions(around(opened))
  const { chat, broadcast, close } = createTestChat(store, options)
  return {
    chat,
    broadcast,
    storage,
    positionAt,
    async close() {
      await close()
      await opened.close()
      await storage.remove()
    },
  }
}
