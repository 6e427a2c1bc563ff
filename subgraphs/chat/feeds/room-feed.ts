import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { isNext, isSamePosition, origin, type Position, positionOf } from '../domain/position.ts'
import { isWhole, type RoomEvent, redactedBy } from '../domain/room-event.ts'
import { LogWentBack } from '../log/went-back.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { createEventRing, firstWithin } from './event-ring.ts'
import type { FeedLimits } from './feed-limits.ts'
import type { CountFeeds, FeedSize } from './feed-metrics.ts'
import { createLogPages, type PageCache } from './log-pages.ts'
import { createNotifier } from './notifier.ts'
import type { RingTotal } from './ring-total.ts'

/**
 * One room's events on this node, while somebody listens. A listener is a position and nothing else: there is no queue for it,
 * so nothing can overflow, and no gap or repeat can come between history and what is live.
 *
 * Each event that a listener is given was appended right after the one before. When the log went back to an earlier state, the feed is
 * over: it cannot say which of its events the log still has.
 */
export interface RoomFeed {
  /**
   * The events after the position, in order, at least one: from the ring, from the log, or as soon as there are some. Throws
   * `LogWentBack` when the log no longer holds the position.
   */
  next(position: Position, signal: AbortSignal): Promise<RoomEvent[]>
  /**
   * Whether the log, which has this head, holds the position. Those who ask for about the same ones at once share a read. Throws
   * `LogWentBack` when the log does not go as far as the head any more.
   */
  holds(position: Position, head: Position): Promise<boolean>
  head(): Position
  /** The highest number that the log is known to have had, by its events or by its heads. */
  knownSeq(): number
  /**
   * Tells the feed the head of the log; it reads what is missing. `knownWhenAsked` is `knownSeq()` from before the log was asked. Two such
   * comparisons in a row that find a shorter log, and then a read that does, show that the log went back. (One alone may come from a new
   * primary that does not yet know what a majority has.) A head without `knownWhenAsked` may be an old one: it never shows a shorter log,
   * and never that the log is whole.
   */
  compare(head: Position, knownWhenAsked?: number): void
  /**
   * Waits until the feed knows all events up to this one, or the signal is aborted. What it gives then is redacted up to there. Throws
   * `LogWentBack` when the log no longer holds it.
   */
  reach(head: Position, signal: AbortSignal): Promise<void>
  size(): FeedSize
  close(): Promise<void>
}

/** An event as the broadcast brings it: `named` by the fan-out, which says only that it was committed once. */
type Heard = RoomEvent & { named?: boolean }

export interface RoomFeedOptions {
  roomId: string
  /** A position up to which the log is known to be scrubbed of what was replaced or deleted; the head when it is not given. */
  scrubbed?: Position | undefined
  log: RoomLogStore
  broadcast: Broadcast
  logger: Logger
  count: CountFeeds
  pageCache: PageCache
  ringTotal: RingTotal
  limits: FeedLimits
  /** Called once, when the log went back: the feed is of no more use. */
  onOver(): void
}

export async function openRoomFeed(options: RoomFeedOptions): Promise<RoomFeed> {
  const { roomId, scrubbed, log, broadcast, logger, count, pageCache, ringTotal, limits, onOver } = options
  const { maxAhead, patience, pageSize, maxStepBytes, checkEvery } = limits
  const pages = createLogPages({
    roomId,
    log,
    redact: (events) => ring.redacted(events),
    pageSize,
    retryAfter: checkEvery,
    cache: pageCache,
    onRead: () => count('pages'),
  })
  /** What came before its predecessors, by number. */
  const ahead = new Map<number, RoomEvent>()
  const listeners = createNotifier()
  let repairTimer: NodeJS.Timeout | undefined
  let repairing: Promise<void> | undefined
  let highestToldHead = 0
  /** The last number that was heard of without its event, since the last repair began. */
  let heardOf = 0
  /** The number of something heard that contradicts the ring, since the last repair began. */
  let contradictedAt: number | undefined
  /** How many comparisons in a row found the log shorter than it was known to be. */
  let shortComparisons = 0
  let closed = false
  let over = false

  /** The event comes in a moment from whoever committed it, or is read. */
  const hearOf = (seq: number) => {
    if (seq <= ring.head().seq) return
    heardOf = Math.max(heardOf, seq)
    repairTimer ??= setTimeout(repairIfNeeded, patience)
  }
  /** Only the log tells whether what was heard or the ring is of a state that it went back from. */
  const contradict = (seq: number) => {
    contradictedAt = Math.min(seq, contradictedAt ?? seq)
    repairTimer ??= setTimeout(repairIfNeeded, patience)
  }
  const end = () => {
    if (over) return
    over = true
    ringTotal.leave(ring)
    count('over')
    logger.warn(
      { roomId, head: ring.head() },
      'the log of a room went back to an earlier state: its listeners begin anew',
    )
    pages.forget()
    onOver()
    listeners.notifyAll()
  }
  const isContradiction = (event: RoomEvent) => {
    const known = ring.at(event.seq)
    return known !== undefined && !isSamePosition(known, positionOf(event))
  }
  const accept = (event: RoomEvent) => {
    const head = ring.head()
    if (event.seq <= head.seq) {
      return isContradiction(event) ? contradict(event.seq) : count('repeats')
    }
    if (event.seq > head.seq + 1) {
      // One that does not fit in is read from the log with the others.
      if (ahead.size < maxAhead) ahead.set(event.seq, event)
      return hearOf(event.seq)
    }
    for (let next: RoomEvent | undefined = event; next; next = ahead.get(next.seq + 1)) {
      ahead.delete(next.seq)
      if (!isNext(next, ring.head())) {
        contradict(next.seq)
        break
      }
      ring.push(next)
      if (redactedBy(next.change) !== undefined) pages.forget()
    }
    if (!closed && !over) ringTotal.note(ring)
    listeners.notifyAll()
  }
  /** The log does not go as far as it is known to have gone. Another event in a known place proves that it went back; this alone does not. */
  const findShort = () => {
    if (!closed && shortComparisons >= 2) end()
  }
  const readMissing = async () => {
    const knownMissing = highestToldHead
    const contradicted = contradictedAt
    const waiting = [...ahead.keys()]
    heardOf = 0
    contradictedAt = undefined
    if (contradicted !== undefined) {
      const [event] = await log.read(roomId, contradicted - 1, 1)
      if (event && isContradiction(event)) return end()
    }
    for (let missing = true; missing && !closed && !over; ) {
      const head = ring.head()
      // From the head's own event on: it shows whether the log still has it.
      const events = await log.read(roomId, Math.max(0, head.seq - 1), pageSize + 1)
      if (head.seq > 0 && events.length === 0) return findShort()
      const isHeld = head.seq === 0 || (events[0] !== undefined && isSamePosition(positionOf(events[0]), head))
      const following = events.filter(({ seq }) => seq > head.seq)
      if (!isHeld || (following[0] && !isNext(following[0], head))) return end()
      for (const event of following) if (event.seq > ring.head().seq) accept(event)
      missing = following.length >= pageSize
    }
    if (ring.head().seq < knownMissing) findShort()
    else shortComparisons = 0
    if (closed || over) return
    // What was there before the read and is not in the log is of a state that the log went back from.
    for (const seq of waiting) ahead.delete(seq)
    for (const seq of ahead.keys()) if (seq <= ring.head().seq) ahead.delete(seq)
    // What came while the log was read may stand behind a hole of its own, and its timer was spent on this repair.
    if (contradictedAt !== undefined || heardOf > ring.head().seq) repairTimer ??= setTimeout(repairIfNeeded, patience)
  }
  const repairIfNeeded = () => {
    repairTimer = undefined
    if (contradictedAt !== undefined || heardOf > ring.head().seq) repair()
  }
  const repair = () => {
    clearTimeout(repairTimer)
    repairTimer = undefined
    if (closed || over || repairing) return
    count('repairs')
    const toldBefore = highestToldHead
    repairing = readMissing()
      // The heads are compared again soon: that is the retry.
      .catch((error) => logger.warn({ err: error, roomId }, 'a feed could not read what it missed'))
      .finally(() => {
        repairing = undefined
        // A head that was told meanwhile: the repair may have read before that was there.
        if (highestToldHead > toldBefore && highestToldHead > ring.head().seq) repair()
      })
  }

  // Listening starts before the head is read: what is committed in between is heard, or already below the head.
  const early: Heard[] = []
  let hearing = (events: Heard[]) => void early.push(...events.slice(0, maxAhead - early.length))
  const unsubscribe = await broadcast.subscribe(roomChannel(roomId), (payload) => hearing(JSON.parse(payload)))
  const heads = await log.heads([roomId]).catch(async (error) => {
    await unsubscribe()
    throw error
  })
  const head = heads.get(roomId) ?? origin
  const ring = createEventRing(scrubbed && scrubbed.seq < head.seq ? scrubbed : head, limits)
  hearing = (events) => {
    if (closed || over) return
    for (const event of events) {
      if (!event.named && isWhole(event.change)) accept(event)
      else if (isContradiction(event)) contradict(event.seq)
      else hearOf(event.seq)
    }
  }
  hearing(early.splice(0))

  const knownSeq = () => Math.max(ring.head().seq, highestToldHead)
  const compare = (given: Position, knownWhenAsked?: number) => {
    if (knownWhenAsked !== undefined && given.seq < knownWhenAsked) {
      shortComparisons += 1
      if (shortComparisons >= 2) repair()
      return
    }
    if (knownWhenAsked !== undefined) shortComparisons = 0
    highestToldHead = Math.max(highestToldHead, given.seq)
    const known = ring.at(given.seq)
    if (highestToldHead > ring.head().seq || (known && !isSamePosition(known, given))) repair()
  }
  compare(head)

  return {
    head: () => ring.head(),
    knownSeq,
    async next(position, signal) {
      for (;;) {
        signal.throwIfAborted()
        const head = ring.head()
        if (over || (position.seq === head.seq && position.id !== head.id)) throw new LogWentBack(roomId)
        if (position.seq < head.seq) {
          const events = ring.after(position.seq, pageSize) ?? (await pages.after(position.seq, head.seq))
          if (events[0] && isNext(events[0], position)) return firstWithin(maxStepBytes, events)
          throw new LogWentBack(roomId)
        }
        await listeners.notified(signal)
      }
    },
    compare,
    async reach(position, signal) {
      compare(position)
      while (ring.head().seq < position.seq && !over) {
        signal.throwIfAborted()
        await listeners.notified(signal)
      }
      const known = ring.at(position.seq)
      if (over || (known && !isSamePosition(known, position))) throw new LogWentBack(roomId)
    },
    async holds(position, head) {
      const known = position.seq === head.seq ? head : ring.at(position.seq)
      if (known) return isSamePosition(known, position)
      if (position.seq > head.seq) return false
      const [event] = await pages.after(position.seq - 1, head.seq)
      return event !== undefined && isSamePosition(positionOf(event), position)
    },
    size() {
      const { events, bytes } = ring.size()
      return { ringEvents: events, ringBytes: bytes, ahead: ahead.size }
    },
    async close() {
      if (closed) return
      closed = true
      ringTotal.leave(ring)
      clearTimeout(repairTimer)
      await unsubscribe()
      await repairing
    },
  }
}
