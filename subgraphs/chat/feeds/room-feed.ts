import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { isWhole, type RoomEvent, redactedBy } from '../domain/room-event.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { createEventRing } from './event-ring.ts'
import type { FeedLimits } from './feed-limits.ts'
import type { CountFeeds, FeedSize } from './feed-metrics.ts'
import { createLogPages, type PageCache } from './log-pages.ts'
import { createNotifier } from './notifier.ts'

/**
 * One room's events on this node, while somebody listens. A listener is a position and nothing else: there is no queue for it,
 * so nothing can overflow, and no gap or repeat can come between history and what is live.
 */
export interface RoomFeed {
  /** The events after the position, in order, at least one: from the ring, from the log, or as soon as there are some. */
  next(position: number, signal: AbortSignal): Promise<RoomEvent[]>
  head(): number
  /** Tells the feed the head of the log: what is missing is read. */
  compare(head: number): void
  /** Waits until the feed knows all events up to this one, or the signal is aborted. What it gives then is redacted up to there. */
  reach(head: number, signal: AbortSignal): Promise<void>
  size(): FeedSize
  close(): Promise<void>
}

export interface RoomFeedOptions {
  roomId: string
  /** A position up to which the log is known to be scrubbed of what was replaced or deleted; the head when it is not given. */
  scrubbed?: number
  log: RoomLogStore
  broadcast: Broadcast
  logger: Logger
  count: CountFeeds
  pageCache: PageCache
  limits: FeedLimits
}

export async function openRoomFeed(options: RoomFeedOptions): Promise<RoomFeed> {
  const { roomId, scrubbed, log, broadcast, logger, count, pageCache, limits } = options
  const { maxAhead, patience, pageSize } = limits
  const pages = createLogPages({
    roomId,
    log,
    redact: (events) => ring.redacted(events),
    pageSize,
    cache: pageCache,
    onRead: () => count('pages'),
  })
  /** What came before its predecessors, by number. */
  const ahead = new Map<number, RoomEvent>()
  const listeners = createNotifier()
  let repairTimer: NodeJS.Timeout | undefined
  let repairing: Promise<void> | undefined
  /** A head of the log that was told while a repair ran: it may have read before that was there. */
  let toldMeanwhile = 0
  /** The last number that was heard of without its event. */
  let heardOf = 0
  let closed = false

  /** The event comes in a moment from whoever committed it, or is read. */
  const hearOf = (seq: number) => {
    if (seq <= ring.head()) return
    heardOf = Math.max(heardOf, seq)
    repairTimer ??= setTimeout(repairHoles, patience)
  }
  const accept = (event: RoomEvent) => {
    if (event.seq <= ring.head()) return count('repeats')
    if (event.seq > ring.head() + 1) {
      // One that does not fit in is read from the log with the others.
      if (ahead.size < maxAhead) ahead.set(event.seq, event)
      return hearOf(event.seq)
    }
    for (let next: RoomEvent | undefined = event; next; next = ahead.get(next.seq + 1)) {
      ring.push(next)
      ahead.delete(next.seq)
      if (redactedBy(next.change) !== undefined) pages.forget()
    }
    listeners.notifyAll()
  }
  const readMissing = async () => {
    for (let missing = true; missing && !closed; ) {
      const events = await log.read(roomId, ring.head(), pageSize)
      for (const event of events) if (event.seq > ring.head()) accept(event)
      missing = events.length === pageSize
    }
    for (const seq of ahead.keys()) if (seq <= ring.head()) ahead.delete(seq)
    // What came while the log was read may stand behind a hole of its own, and its timer was spent on this repair.
    if (heardOf > ring.head() && !closed) repairTimer ??= setTimeout(repairHoles, patience)
  }
  const repairHoles = () => {
    repairTimer = undefined
    if (heardOf > ring.head()) repair()
  }
  const repair = () => {
    clearTimeout(repairTimer)
    repairTimer = undefined
    if (closed || repairing) return
    count('repairs')
    repairing = readMissing()
      // The heads are compared again soon: that is the retry.
      .catch((error) => logger.warn({ err: error, roomId }, 'a feed could not read what it missed'))
      .finally(() => {
        repairing = undefined
        const told = toldMeanwhile
        toldMeanwhile = 0
        if (told > ring.head()) repair()
      })
  }

  // Listening starts before the head is read: what is committed in between is heard, or already below the head.
  const early: RoomEvent[] = []
  let hearing = (events: RoomEvent[]) => void early.push(...events.slice(0, maxAhead - early.length))
  const unsubscribe = await broadcast.subscribe(roomChannel(roomId), (payload) => hearing(JSON.parse(payload)))
  const heads = await log.heads([roomId]).catch(async (error) => {
    await unsubscribe()
    throw error
  })
  const head = heads.get(roomId) ?? 0
  const ring = createEventRing(Math.min(scrubbed ?? head, head), limits)
  hearing = (events) => {
    if (closed) return
    for (const event of events) {
      if (isWhole(event.change)) accept(event)
      else hearOf(event.seq)
    }
  }
  hearing(early.splice(0))

  const compare = (told: number) => {
    if (told <= ring.head()) return
    if (repairing) toldMeanwhile = Math.max(toldMeanwhile, told)
    else repair()
  }
  compare(head)

  return {
    head: () => ring.head(),
    async next(position, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (position < ring.head()) return ring.after(position, pageSize) ?? pages.after(position, ring.head())
        await listeners.notified(signal)
      }
    },
    compare,
    async reach(position, signal) {
      compare(position)
      while (ring.head() < position) {
        signal.throwIfAborted()
        await listeners.notified(signal)
      }
    },
    size() {
      const { events, bytes } = ring.size()
      return { ringEvents: events, ringBytes: bytes, ahead: ahead.size }
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(repairTimer)
      await unsubscribe()
      await repairing
    },
  }
}
