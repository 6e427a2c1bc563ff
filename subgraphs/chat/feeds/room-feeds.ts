import type { Broadcast } from '../../../platform/events/broadcast.ts'
import { within } from '../../../platform/lifecycle/within.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import { origin, type Position } from '../domain/position.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import type { FeedLimits } from './feed-limits.ts'
import { createFeedCounts, measureFeeds } from './feed-metrics.ts'
import { createPageCache } from './log-pages.ts'
import { createReplayTurns, type ReplayTurns } from './replay-turns.ts'
import { createRingTotal } from './ring-total.ts'
import { openRoomFeed, type RoomFeed } from './room-feed.ts'

/** The feeds of this node: one for each room that somebody listens to. */
export interface RoomFeeds {
  /**
   * The room's feed, opened when it is the first listener's. Release it once; the last release closes it. One that is over, because the
   * log went back, is given to nobody any more. `scrubbed` is a position up to which the room is projected; the head when it is not given.
   */
  listen(roomId: string, scrubbed?: Position): Promise<{ feed: RoomFeed; release(): void }>
  /**
   * The highest number that the room's log is known to have had, by the feed that is given to listeners; 0 while there is none. A log
   * that is asked afterwards and is shorter went back, or a new primary does not know all of it yet: the feed is about to find out.
   */
  knownSeq(roomId: string): number
  /** The turns of those who read history from a feed. */
  replayTurns: ReplayTurns
  close(): Promise<void>
}

export interface RoomFeedsOptions {
  log: RoomLogStore
  broadcast: Broadcast
  logger: Logger
  metrics?: Metrics
  limits: FeedLimits
}

const headsDeadline = 5_000

interface Entry {
  feed: Promise<RoomFeed>
  opened?: RoomFeed
  listeners: number
}

export function createRoomFeeds(options: RoomFeedsOptions): RoomFeeds {
  const { log, broadcast, logger, metrics, limits } = options
  const count = createFeedCounts(metrics)
  const pageCache = createPageCache(limits)
  const ringTotal = createRingTotal(limits.maxTotalBytes)
  const entries = new Map<string, Entry>()
  let timer: NodeJS.Timeout | undefined
  let connected = true
  let closed = false

  const compareHeads = async () => {
    try {
      const asked = [...entries].flatMap(([roomId, { opened }]) =>
        opened ? [{ roomId, feed: opened, known: opened.knownSeq() }] : [],
      )
      if (asked.length === 0) return
      count('comparisons')
      const roomIds = asked.map(({ roomId }) => roomId)
      const heads = await within(headsDeadline, log.heads(roomIds), 'The heads did not come in time')
      for (const { roomId, feed, known } of asked) feed.compare(heads.get(roomId) ?? origin, known)
    } catch (error) {
      logger.warn({ err: error }, 'the heads of the rooms could not be read')
    }
  }
  const schedule = () => {
    clearTimeout(timer)
    if (closed) return
    const interval = connected ? limits.checkEvery : limits.checkEveryDisconnected
    // Nodes that started together, or lost one connection together, do not ask in step.
    timer = setTimeout(() => void compareHeads().finally(schedule), interval * (0.8 + Math.random() * 0.4))
  }
  const stopWatching = broadcast.onConnection((now) => {
    connected = now
    if (now) void compareHeads()
    schedule()
  })
  schedule()

  const enter = (roomId: string, scrubbed?: Position): Entry => {
    const onOver = () => void (entries.get(roomId) === entry && entries.delete(roomId))
    const entry: Entry = {
      feed: openRoomFeed({ roomId, scrubbed, log, broadcast, logger, count, pageCache, ringTotal, limits, onOver }),
      listeners: 0,
    }
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
  if (metrics) {
    const all = () => [...entries.values()]
    const measured = {
      feeds: () => all().flatMap(({ opened }) => opened?.size() ?? []),
      listeners: () => all().reduce((sum, { listeners }) => sum + listeners, 0),
      pageBytes: () => pageCache.calculatedSize,
    }
    measureFeeds(metrics, measured, limits)
  }
  return {
    knownSeq: (roomId) => entries.get(roomId)?.opened?.knownSeq() ?? 0,
    replayTurns: createReplayTurns(),
    async listen(roomId, scrubbed) {
      const entry = entries.get(roomId) ?? enter(roomId, scrubbed)
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
