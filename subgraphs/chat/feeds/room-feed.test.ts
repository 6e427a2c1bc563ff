import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import { chatDefaults } from '../config.ts'
import { origin } from '../domain/position.ts'
import { type RoomEvent, sentMessage } from '../domain/room-event.ts'
import { catchUp } from '../log/catch-up.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { appendAtHead, deleted, happen, makeRoom, sent } from '../testing/drafts.ts'
import { createFaultyBroadcast } from '../testing/faulty-broadcast.ts'
import { recordPositions } from '../testing/recorded-positions.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { bytesOf } from './event-ring.ts'
import type { FeedLimits } from './feed-limits.ts'
import type { CountFeeds } from './feed-metrics.ts'
import { createPageCache } from './log-pages.ts'
import { createRingTotal } from './ring-total.ts'
import { openRoomFeed, type RoomFeed, type RoomFeedOptions } from './room-feed.ts'

const logger = createLogger('chat', 'silent')
const patience = 5

type FeedOptions = Partial<Omit<RoomFeedOptions, 'limits'>> & { limits?: Partial<FeedLimits> }

describe('room feed', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let positionAt: ReturnType<typeof recordPositions>['positionAt']
  let broadcast: ReturnType<typeof createFaultyBroadcast>
  let roomId: string
  let feed: RoomFeed
  let stop: AbortController
  /** The positions that were read from the log, and what a test does in place of it. */
  let reads: number[]
  let read: ChatStore['log']['read']
  let counted: Parameters<CountFeeds>[0][]

  const openFeed = ({ limits, ...options }: FeedOptions = {}) =>
    openRoomFeed({
      roomId,
      broadcast,
      logger,
      count: (what) => void counted.push(what),
      onOver: () => {},
      ringTotal: createRingTotal(1_000_000_000),
      pageCache: createPageCache({ maxPageBytes: 1_000_000, pageAge: 3_600_000 }),
      limits: { ...chatDefaults.feeds, patience, ...limits },
      log: {
        ...store.log,
        read(id, after, limit) {
          reads.push(after)
          return read(id, after, limit)
        },
      },
      ...options,
    })

  beforeEach(async () => {
    storage = await temporaryStorage()
    ;({ store, positionAt } = recordPositions(await storage.open()))
    broadcast = createFaultyBroadcast()
    roomId = await makeRoom(store)
    reads = []
    counted = []
    read = store.log.read
    stop = new AbortController()
    feed = await openFeed()
  })
  afterEach(async () => {
    stop.abort()
    await feed.close()
    await store.close()
    await storage.remove()
  })

  const reopenFeed = async (options: FeedOptions) => {
    await feed.close()
    feed = await openFeed(options)
  }
  const commit = (count: number) => appendAtHead(store, roomId, ...Array.from({ length: count }, () => sent('text')))
  const publish = (...events: RoomEvent[]) => broadcast.publish(roomChannel(roomId), JSON.stringify(events))
  const seqsOf = (events: RoomEvent[]) => events.map(({ seq }) => seq)
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const at = (seq: number) => positionAt(roomId, seq)
  const next = (seq: number) => feed.next(at(seq), stop.signal)
  /** Follows from a position until it has seen the event with the number `last`. */
  const follow = async (position: number, last: number) => {
    const seen: number[] = []
    for (let after = position; after < last; after = seen.at(-1) ?? after) seen.push(...seqsOf(await next(after)))
    return seen
  }

  it('starts at the head of the log', async () => {
    expect(feed.head().seq).toBe(1)
    await commit(3)
    await reopenFeed({})
    expect(feed.head().seq).toBe(4)
  })

  it('starts at 0 in a room without events', async () => {
    const empty = await openFeed({ roomId: 'empty' })
    expect(empty.head()).toEqual(origin)
    await empty.close()
  })

  it('gives what is broadcast as soon as it comes, without reading the log', async () => {
    const following = follow(1, 6)
    for (const event of await commit(5)) await publish(event)
    expect(await following).toEqual(range(2, 6))
    expect(reads).toEqual([])
  })

  it('gives every listener everything from its own position', async () => {
    const events = await commit(8)
    const listeners = [1, 1, 3, 5].map((position) => follow(position, 9))
    await publish(...events.slice(0, 3))
    const late = follow(2, 9)
    await publish(...events.slice(3))
    expect(await Promise.all([...listeners, late])).toEqual([
      range(2, 9),
      range(2, 9),
      range(4, 9),
      range(6, 9),
      range(3, 9),
    ])
  })

  it('puts events in order that come out of order', async () => {
    await reopenFeed({ limits: { patience: 60_000 } })
    const following = follow(1, 9)
    const events = await commit(8)
    for (const index of [3, 1, 7, 0, 2, 6, 5, 4]) await publish(events[index] as RoomEvent)
    expect(await following).toEqual(range(2, 9))
    expect(reads).toEqual([])
  })

  it('drops what comes twice', async () => {
    const following = follow(1, 6)
    const events = await commit(5)
    for (const index of [0, 0, 1, 2, 1, 0, 3, 3, 4, 4]) await publish(events[index] as RoomEvent)
    await publish(...events)
    expect(await following).toEqual(range(2, 6))
    expect(seqsOf(await next(1))).toEqual(range(2, 6))
  })

  it('reads from the log what was lost on the way', async () => {
    const following = follow(1, 7)
    const events = await commit(6)
    for (const index of [0, 2, 5]) await publish(events[index] as RoomEvent)
    expect(await following).toEqual(range(2, 7))
    expect(reads.length).toBeGreaterThan(0)
  })

  it('finds a lost last event by the comparison with the log’s head', async () => {
    const following = follow(1, 4)
    await commit(3)
    feed.compare(at(4))
    expect(await following).toEqual(range(2, 4))
  })

  it('finds by the comparison what was committed while it read for another reason', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    read = async (...args) => {
      read = store.log.read
      const page = await store.log.read(...args)
      await held
      return page
    }
    await commit(1)
    feed.compare(at(2))
    await until('the log is read', () => reads.length === 1)
    await commit(1)
    feed.compare(at(3))
    const following = follow(1, 3)
    letGo()
    expect(await following).toEqual([2, 3])
    expect(reads).toEqual([0, 1])
  })

  it('reads page after page when the comparison finds much that is new', async () => {
    await reopenFeed({ limits: { pageSize: 10 } })
    const following = follow(1, 36)
    await commit(35)
    feed.compare(at(36))
    expect(await following).toEqual(range(2, 36))
  })

  it('reads nothing when the comparison finds nothing new', async () => {
    feed.compare(at(1))
    feed.compare(at(0))
    await commit(1)
    expect(reads).toEqual([])
  })

  it('repairs a hole that is longer than a page, while events still come', async () => {
    await reopenFeed({ limits: { pageSize: 10 } })
    const lost = await commit(95)
    const following = follow(1, 99)
    const [next1, next2, next3] = await commit(3)
    await publish(next2 as RoomEvent)
    await publish(next1 as RoomEvent, next3 as RoomEvent)
    expect(await following).toEqual(range(2, 99))
    expect(lost).toHaveLength(95)
  })

  it('repairs a hole when more came than it keeps ahead', async () => {
    await reopenFeed({ limits: { maxEvents: 4, maxAhead: 4 } })
    const following = follow(1, 21)
    const events = await commit(20)
    for (const event of events.slice(1)) await publish(event)
    expect(await following).toEqual(range(2, 21))
  })

  it('repairs a hole that opens while another is being repaired', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    read = async (...args) => {
      read = store.log.read
      const page = await store.log.read(...args)
      await held
      return page
    }
    const following = follow(1, 6)
    const [, second] = await commit(2)
    await publish(second as RoomEvent)
    await until('the log is read', () => reads.length === 1)
    const [, , fifth] = await commit(3)
    await publish(fifth as RoomEvent)
    await new Promise(setImmediate)
    // Timers of one length end in the order they were set: the feed's patience ends first.
    await new Promise((resolve) => setTimeout(resolve, patience))
    letGo()
    expect(await following).toEqual(range(2, 6))
  })

  it('goes on after a store that failed during the repair', async () => {
    const following = follow(1, 5)
    read = async () => {
      throw new Error('Not now')
    }
    const events = await commit(4)
    await publish(events[2] as RoomEvent)
    await until('the log was asked', () => reads.length > 0)
    read = store.log.read
    await until('the feed has recovered', () => {
      feed.compare(at(5))
      return feed.head().seq === 5
    })
    expect(await following).toEqual(range(2, 5))
  })

  it('still hears live events while the store is away', async () => {
    read = async () => {
      throw new Error('Not now')
    }
    const following = follow(1, 4)
    const events = await commit(3)
    for (const event of events) await publish(event)
    expect(await following).toEqual(range(2, 4))
  })

  it('hears what is committed while it opens', async () => {
    const events = await commit(3)
    await feed.close()
    feed = await openFeed({
      log: {
        ...store.log,
        async heads(ids) {
          const heads = new Map(ids.map((id) => [id, at(2)]))
          await publish(...events)
          await new Promise(setImmediate)
          return heads
        },
      },
    })
    expect(feed.head().seq).toBe(4)
    expect(seqsOf(await next(2))).toEqual([3, 4])
  })

  it('keeps no more than its bound of what comes while it opens; the log has the rest', async () => {
    const events = await commit(9)
    await reopenFeed({
      limits: { maxAhead: 3 },
      log: {
        ...store.log,
        async heads() {
          for (const event of events) await publish(event)
          await new Promise(setImmediate)
          return new Map([[roomId, at(1)]])
        },
      },
    })
    expect(feed.head().seq).toBe(4)
    feed.compare(at(10))
    expect(await follow(1, 10)).toEqual(range(2, 10))
  })

  it('counts what it drops and repairs, and tells what it holds', async () => {
    await reopenFeed({ limits: { patience: 60_000 } })
    const [first, , third] = await commit(3)
    await publish(first as RoomEvent, first as RoomEvent, third as RoomEvent)
    await until('the feed has heard them', () => feed.size().ahead === 1)
    expect(feed.size()).toEqual({ ringEvents: 1, ringBytes: bytesOf(first as RoomEvent), ahead: 1 })
    feed.compare(at(4))
    expect(await follow(1, 4)).toEqual([2, 3, 4])
    expect(feed.size()).toMatchObject({ ringEvents: 3, ahead: 0 })
    expect(counted).toEqual(['repeats', 'repairs'])
  })

  it('takes its subscription back when it cannot open', async () => {
    const heads = async () => {
      throw new Error('Not now')
    }
    const before = broadcast.listeners(roomChannel(roomId))
    await expect(openFeed({ log: { ...store.log, heads } })).rejects.toThrow('Not now')
    expect(broadcast.listeners(roomChannel(roomId))).toBe(before)
  })

  it('is not upset by a payload that is none', async () => {
    await broadcast.publish(roomChannel(roomId), 'not JSON')
    await broadcast.publish(roomChannel(roomId), '[]')
    const following = follow(1, 2)
    await publish(...(await commit(1)))
    expect(await following).toEqual([2])
  })

  describe('positions older than the ring', () => {
    beforeEach(async () => {
      await commit(30)
      await reopenFeed({ limits: { maxEvents: 5, pageSize: 10 } })
      const events = await commit(10)
      await publish(...events)
      await until('the feed has heard them', () => feed.head().seq === 41)
    })

    it('are read from the log in pages, and the rest from the ring', async () => {
      expect(await follow(0, 41)).toEqual(range(1, 41))
      expect(reads).toEqual([0, 10, 20, 30])
    })

    it('share one read of the log, now and soon after, wherever in a page they are', async () => {
      const positions = [...range(20, 29), ...range(20, 29)]
      const seen = await Promise.all(positions.map(async (position) => seqsOf(await next(position))))
      expect(seen).toEqual(positions.map((position) => range(position + 1, 30)))
      expect(reads).toEqual([20])
      expect(seqsOf(await next(25))).toEqual(range(26, 30))
      expect(reads).toEqual([20])
      expect(counted.filter((what) => what === 'pages')).toHaveLength(1)
    })

    it('are read again when the log has grown since within their page', async () => {
      await reopenFeed({ limits: { maxEvents: 5, pageSize: 10 } })
      expect(seqsOf(await next(40))).toEqual([41])
      await publish(...(await commit(10)))
      await until('the feed has heard them', () => feed.head().seq === 51)
      expect(await follow(41, 51)).toEqual(range(42, 51))
      expect(reads).toEqual([40, 40])
    })

    it('are not kept past a deletion, which takes texts out of the log', async () => {
      await reopenFeed({ limits: { maxEvents: 1, pageSize: 10 } })
      await catchUp(store, roomId)
      const [event] = await happen(store, roomId, ...Array.from({ length: 10 }, () => sent('secret')))
      await publish(...(await store.log.read(roomId, 41, 20)))
      await until('the feed has heard them', () => feed.head().seq === 51)
      expect(JSON.stringify(await next(40))).toContain('secret')
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
      read = async (...args) => {
        read = store.log.read
        const page = await store.log.read(...args)
        await held
        return page
      }
      const onItsWay = next(30)
      await publish(...(await happen(store, roomId, deleted(sentMessage(event as RoomEvent)))))
      await until('the feed has heard of it', () => feed.head().seq === 52)
      letGo()
      await onItsWay
      reads = []
      const texts = (await next(40)).map(({ change }) => (change.type === 'MessageSent' ? change.text : change.type))
      expect(texts[1]).toBe('')
      await next(30)
      expect(reads).toEqual([40, 30])
    })

    it('fail when the log cannot be read, and can be asked for again', async () => {
      read = async () => {
        throw new Error('Not now')
      }
      const failed = await Promise.allSettled([next(3), next(3)])
      expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      read = store.log.read
      expect(seqsOf(await next(3))).toEqual(range(4, 10))
    })
  })

  it('gives at most a page at a time from the ring', async () => {
    await reopenFeed({ limits: { pageSize: 3 } })
    await publish(...(await commit(8)))
    await until('the feed has heard them', () => feed.head().seq === 9)
    expect(seqsOf(await next(1))).toEqual([2, 3, 4])
  })

  it('gives a deleted message’s text to nobody any more', async () => {
    const [event] = await happen(store, roomId, sent('secret'))
    await publish(event as RoomEvent)
    await publish(...(await happen(store, roomId, deleted(sentMessage(event as RoomEvent)))))
    await until('the feed has heard them', () => feed.head().seq === 3)
    expect(JSON.stringify(await next(1))).not.toContain('secret')
    expect(JSON.stringify(await next(0))).not.toContain('secret')
  })

  describe('when the signal is aborted', () => {
    it('stops waiting at once and leaves nothing behind', async () => {
      const waiting = Array.from({ length: 20 }, () => next(1))
      stop.abort(new Error('enough'))
      const results = await Promise.allSettled(waiting)
      for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      expect(getEventListeners(stop.signal, 'abort')).toEqual([])
      stop = new AbortController()
    })

    it('does not begin to wait', async () => {
      stop.abort(new Error('enough'))
      await expect(next(1)).rejects.toThrow('enough')
      expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    })

    it('lets the others go on', async () => {
      const other = new AbortController()
      const [leaving, staying] = [feed.next(at(1), other.signal).catch(() => 'left'), next(1)]
      other.abort()
      expect(await leaving).toBe('left')
      await publish(...(await commit(1)))
      expect(seqsOf(await staying)).toEqual([2])
    })
  })

  it('leaves no listener behind on a signal that waited often', async () => {
    for (let position = 1; position < 30; position += 1) {
      const waiting = next(position)
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
      await publish(...(await commit(1)))
      await waiting
    }
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  describe('when the log looks shorter than it was', () => {
    const short = () => feed.compare(at(2), feed.knownSeq())
    const readsShort: ChatStore['log']['read'] = async (id, after, limit) =>
      (await store.log.read(id, after, limit)).filter(({ seq }) => seq <= 2)
    const isOver = () => counted.includes('over')
    const repairs = () => counted.filter((what) => what === 'repairs').length
    const readAtLeast = (count: number) => until('the log was read', () => reads.length >= count)
    /** A repair that began before has ended once the feed has seen this through. */
    const stillWorks = async () => {
      read = store.log.read
      const head = feed.head()
      const [event] = await commit(1)
      await publish(event as RoomEvent)
      expect(seqsOf(await feed.next(head, stop.signal))).toEqual([event?.seq])
      expect(isOver()).toBe(false)
    }
    beforeEach(async () => {
      await commit(3)
      await reopenFeed({})
      counted = []
    })

    it('is over after two comparisons in a row and a read, whoever arrives in between', async () => {
      read = readsShort
      const waiting = feed.next(at(4), stop.signal)
      feed.compare(at(2))
      short()
      feed.compare(at(2))
      feed.compare(at(4))
      expect(repairs()).toBe(0)
      short()
      await expect(waiting).rejects.toThrow('went back')
      expect(isOver()).toBe(true)
    })

    it('goes on after one comparison, also after several that were each followed by a whole one', async () => {
      for (let round = 0; round < 3; round += 1) {
        short()
        feed.compare(at(4), feed.knownSeq())
      }
      expect(reads).toEqual([])
      await stillWorks()
    })

    it('goes on after one short read, whatever began the repair', async () => {
      read = readsShort
      const [, second] = await commit(2)
      await publish(second as RoomEvent)
      await readAtLeast(1)
      await feed.close()
      expect(isOver()).toBe(false)
      await reopenFeed({})
      read = readsShort
      await commit(1)
      feed.compare(at(7))
      await readAtLeast(2)
      await new Promise(setImmediate)
      read = store.log.read
      feed.compare(at(7), feed.knownSeq())
      await until('the feed has recovered', () => feed.head().seq === 7)
      await stillWorks()
    })

    it('goes on when the read after two short comparisons finds everything', async () => {
      short()
      short()
      await readAtLeast(1)
      await stillWorks()
      short()
      expect(repairs()).toBe(1)
    })

    it('is over at once when another event stands in the place of one that it has', async () => {
      const events = await commit(2)
      await publish(...events)
      await until('the feed has heard them', () => feed.head().seq === 6)
      const other = { ...(events[0] as RoomEvent), key: 'other', change: { ...events[0]?.change, messageId: 'other' } }
      read = async (_, after) => (after === 4 ? [other as RoomEvent] : [])
      const waiting = feed.next(feed.head(), stop.signal)
      await publish(other as RoomEvent)
      await expect(waiting).rejects.toThrow('went back')
    })
  })

  it('hears nothing after it was closed, and closing waits for a running repair', async () => {
    await publish(...(await commit(1)))
    await until('the feed has heard it', () => feed.head().seq === 2)
    await feed.close()
    expect(broadcast.listeners(roomChannel(roomId))).toBe(0)
    await publish(...(await commit(1)))
    feed.compare(at(99))
    expect(reads).toEqual([])
    expect(feed.head().seq).toBe(2)
    feed = await openFeed()
  })
})
