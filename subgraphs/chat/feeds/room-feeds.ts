import type { Broadcast } from '../../../platform/events/broadcast.ts'
import { within } from '../../../platform/lifecycle/within.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { openRoomFeed, type RoomFeed } from './room-feed.ts'

/** The feeds of this node: one for each room that somebody listens to. */
export interface RoomFeeds {
  /** The room's feed, opened when it is the first listener's. Release it once; the last release closes it. */
  listen(roomId: string): Promise<{ feed: RoomFeed; release(): void }>
  close(): Promise<void>
}

export interface RoomFeedsOptions {
  log: RoomLogStore
  broadcast: Broadcast
  logger: Logger
  /** How often all positions are compared with the log's heads, in milliseconds: a lost last event is found by that. */
  checkEvery?: number
  /** The same while the broadcast is disconnected. */
  checkEveryDisconnected?: number
}

const headsDeadline = 5_000

interface Entry {
  feed: Promise<RoomFeed>
  opened?: RoomFeed
  listeners: number
}

export function createRoomFeeds(options: RoomFeedsOptions): RoomFeeds {
  const { log, broadcast, logger, checkEvery = 2_000, checkEveryDisconnected = 250 } = options
  const entries = new Map<string, Entry>()
  let timer: NodeJS.Timeout | undefined
  let connected = true
  let closed = false

  const compareHeads = async () => {
    try {
      if (entries.size === 0) return
      const heads = await within(headsDeadline, log.heads([...entries.keys()]), 'The heads did not come in time')
      for (const [roomId, head] of heads) entries.get(roomId)?.opened?.compare(head)
    } catch (error) {
      logger.warn({ err: error }, 'the heads of the rooms could not be read')
    }
  }
  const schedule = () => {
    clearTimeout(timer)
    if (closed) return
    timer = setTimeout(() => void compareHeads().finally(schedule), connected ? checkEvery : checkEveryDisconnected)
  }
  const stopWatching = broadcast.onConnection((now) => {
    connected = now
    if (now) void compareHeads()
    schedule()
  })
  schedule()

  const enter = (roomId: string): Entry => {
    const entry: Entry = { feed: openRoomFeed({ roomId, log, broadcast, logger }), listeners: 0 }
    entry.feed.then(
      (feed) => {
        entry.opened = feed
      },
      () => entries.delete(roomId),
    )
    entries.set(roomId, entry)
    return entry
  }
  const leave = (roomId: string, entry: Entry) => {
    entry.listeners -= 1
    if (entry.listeners > 0) return
    if (entries.get(roomId) === entry) entries.delete(roomId)
    void entry.opened?.close().catch((error) => logger.warn({ err: error, roomId }, 'a feed did not close cleanly'))
  }
  return {
    async listen(roomId) {
      const entry = entries.get(roomId) ?? enter(roomId)
      entry.listeners += 1
      const feed = await entry.feed
      let released = false
      return {
        feed,
        release() {
          if (!released) leave(roomId, entry)
          released = true
        },
      }
    },
    async close() {
      closed = true
      clearTimeout(timer)
      stopWatching()
      await Promise.allSettled([...entries.values()].map(async (entry) => (await entry.feed).close()))
      entries.clear()
    },
  }
}
