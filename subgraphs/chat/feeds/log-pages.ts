import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { RoomEvent } from '../domain/room-event.ts'
import { LogWentBack } from '../log/went-back.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { bytesOf } from './event-ring.ts'
import type { FeedLimits } from './feed-limits.ts'

/**
 * A room's log in pages that begin at fixed positions, so that listeners who are about as far behind read the same ones: a page is
 * read once for all who ask while it is on its way, and for those who come right after.
 */
export interface LogPages {
  /**
   * The events after the position up to the end of its page, in order, at least one. `head` is a number after the position that the
   * log is known to have. Throws `LogWentBack` when two reads in a row, `retryAfter` apart, find none after the position (one alone may
   * come from a new primary that does not yet know what a majority has), and what the log throws.
   */
  after(position: number, head: number): Promise<RoomEvent[]>
  /** Forgets what is kept: a text in it was replaced or deleted since. */
  forget(): void
}

/** A page that was asked for when the log was known to have an event `known`. What came after that may be missing in it. */
interface Page {
  known: number
  /** When its read began, by `performance.now()`. */
  begunAt: number
  events: Promise<RoomEvent[]>
}

/** Pages of all rooms of a node. */
export type PageCache = LRUCache<string, Page>

export const createPageCache = ({ maxPageBytes, pageAge }: Pick<FeedLimits, 'maxPageBytes' | 'pageAge'>): PageCache =>
  new LRUCache<string, Page>({ maxSize: maxPageBytes, ttl: pageAge })

export interface LogPagesOptions {
  roomId: string
  log: Pick<RoomLogStore, 'read'>
  /** Takes texts out of events that the reader knows to be replaced or deleted since. */
  redact(events: RoomEvent[]): RoomEvent[]
  pageSize: number
  /** How long after an empty read the log is read again, in milliseconds. */
  retryAfter: number
  cache: PageCache
  onRead(): void
}

export function createLogPages(options: LogPagesOptions): LogPages {
  const { roomId, log, redact, pageSize, retryAfter, cache, onRead } = options
  /** What the keys of the pages that are not forgotten begin with. */
  let generation = randomUUID()

  const read = (key: string, start: number, known: number) => {
    // The log may not be scrubbed yet when an edit is only just in it.
    const page = { known, begunAt: performance.now(), events: log.read(roomId, start, pageSize).then(redact) }
    onRead()
    // While it is on its way its size is not known, and it does not grow old: the read itself is bounded.
    cache.set(key, page, { size: 1, ttl: 0 })
    page.events.then(
      // A copy: the cache takes a new size with a new value only.
      (events) => cache.set(key, { ...page }, { size: sizeOf(events) }),
      () => cache.delete(key),
    )
    return page
  }
  /** The events after the position, from a page that is shared if its read began late enough. */
  const eventsAfter = async (position: number, head: number, begunAfter: number) => {
    const start = position - (position % pageSize)
    const key = `${generation}:${start}`
    const kept = cache.get(key)
    const isFit = kept && kept.known > position && kept.begunAt >= begunAfter
    const page = isFit ? kept : read(key, start, head)
    return { events: (await page.events).slice(position - start), begunAt: page.begunAt }
  }
  return {
    async after(position, head) {
      const { events, begunAt } = await eventsAfter(position, head, 0)
      if (events.length > 0) return events
      const earliest = begunAt + retryAfter
      // A timer may be early: Node counts from the time at which its event loop woke up.
      while (performance.now() < earliest) await pause(Math.ceil(earliest - performance.now()))
      const again = await eventsAfter(position, head, earliest)
      if (again.events.length === 0) throw new LogWentBack(roomId)
      return again.events
    },
    forget() {
      generation = randomUUID()
    },
  }
}

const sizeOf = (events: RoomEvent[]) => events.reduce((sum, event) => sum + bytesOf(event), 1)
