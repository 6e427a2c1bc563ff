import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { createEventRing } from './event-ring.ts'

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
  close(): Promise<void>
}

export interface RoomFeedOptions {
  roomId: string
  log: RoomLogStore
  broadcast: Broadcast
  logger: Logger
  maxEvents?: number
  maxBytes?: number
  /** How long a hole may wait for the missing events, in milliseconds, before they are read from the log. */
  patience?: number
  pageSize?: number
}

export async function openRoomFeed(options: RoomFeedOptions): Promise<RoomFeed> {
  const {
    roomId,
    log,
    broadcast,
    logger,
    maxEvents = 512,
    maxBytes = 1_000_000,
    patience = 50,
    pageSize = 200,
  } = options
  /** What came before its predecessors, by number. */
  const ahead = new Map<number, RoomEvent>()
  const pages = new Map<number, Promise<RoomEvent[]>>()
  const sleepers = new Set<() => void>()
  let repairTimer: NodeJS.Timeout | undefined
  let repairing: Promise<void> | undefined
  let closed = false

  const wakeListeners = () => {
    for (const wake of sleepers) wake()
  }
  /** Until something new is in the ring, or the signal is aborted. */
  const sleep = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        sleepers.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      sleepers.add(wake)
      signal.addEventListener('abort', wake)
    })
  const accept = (event: RoomEvent) => {
    if (event.seq <= ring.head()) return
    if (event.seq > ring.head() + 1) {
      if (ahead.size < maxEvents) ahead.set(event.seq, event)
      repairTimer ??= setTimeout(repair, patience)
      return
    }
    ring.push(event)
    ahead.delete(event.seq)
    const follower = ahead.get(event.seq + 1)
    if (follower) accept(follower)
    else wakeListeners()
  }
  const readMissing = async () => {
    for (let missing = true; missing && !closed; ) {
      const events = await log.read(roomId, ring.head(), pageSize)
      for (const event of events) accept(event)
      missing = events.length === pageSize
    }
    for (const seq of ahead.keys()) if (seq <= ring.head()) ahead.delete(seq)
    // What came while the log was read may stand behind a hole of its own, and its timer was spent on this repair.
    if (ahead.size > 0 && !closed) repairTimer ??= setTimeout(repair, patience)
  }
  const repair = () => {
    clearTimeout(repairTimer)
    repairTimer = undefined
    if (closed || repairing) return
    repairing = readMissing()
      // The heads are compared again soon: that is the retry.
      .catch((error) => logger.warn({ err: error, roomId }, 'a feed could not read what it missed'))
      .finally(() => {
        repairing = undefined
      })
  }
  const readPage = (position: number) => {
    const running = pages.get(position) ?? log.read(roomId, position, pageSize).finally(() => pages.delete(position))
    pages.set(position, running)
    return running
  }

  // Listening starts before the head is read: what is committed in between is heard, or already below the head.
  let hearing = (events: RoomEvent[]) => void early.push(...events)
  const early: RoomEvent[] = []
  const unsubscribe = await broadcast.subscribe(roomChannel(roomId), (payload) => hearing(JSON.parse(payload)))
  const heads = await log.heads([roomId]).catch(async (error) => {
    await unsubscribe()
    throw error
  })
  const ring = createEventRing(heads.get(roomId) ?? 0, { maxEvents, maxBytes })
  hearing = (events) => {
    if (!closed) for (const event of events) accept(event)
  }
  hearing(early)

  return {
    head: () => ring.head(),
    async next(position, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (position >= ring.head()) {
          await sleep(signal)
          continue
        }
        const events = ring.after(position, pageSize) ?? (await readPage(position))
        if (events.length > 0) return events
        throw new Error(`The log of room ${roomId} has no events after ${position}`)
      }
    },
    compare: (head) => {
      if (head > ring.head()) repair()
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
