import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { chatDefaults } from '../config.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { roomChannel } from '../outbox/fan-out.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { appendAtHead, makeRoom, sent } from '../testing/drafts.ts'
import { createFaultyBroadcast } from '../testing/faulty-broadcast.ts'
import { metricValues } from '../testing/metric-values.ts'
import { recordPositions } from '../testing/recorded-positions.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import type { FeedLimits } from './feed-limits.ts'
import type { RoomFeed } from './room-feed.ts'
import { createRoomFeeds, type RoomFeeds, type RoomFeedsOptions } from './room-feeds.ts'

const logger = createLogger('chat', 'silent')
const never = 3_600_000

type FeedsOptions = Partial<Omit<RoomFeedsOptions, 'limits'>> & { limits?: Partial<FeedLimits> }

describe('room feeds', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let positionAt: ReturnType<typeof recordPositions>['positionAt']
  let broadcast: ReturnType<typeof createFaultyBroadcast>
  let roomId: string
  let feeds: RoomFeeds
  let stop: AbortController
  /** The rooms of each question for heads, and what a test does in place of it. */
  let asked: string[][]
  let heads: ChatStore['log']['heads']

  const createFeeds = ({ limits, ...options }: FeedsOptions = {}) =>
    createRoomFeeds({
      broadcast,
      logger,
      limits: { ...chatDefaults.feeds, checkEvery: never, checkEveryDisconnected: never, ...limits },
      log: {
        ...store.log,
        heads(ids) {
          asked.push(ids)
          return heads(ids)
        },
      },
      ...options,
    })
  const restart = async (options: FeedsOptions) => {
    await feeds.close()
    feeds = createFeeds(options)
  }

  beforeEach(async () => {
    storage = await temporaryStorage()
    ;({ store, positionAt } = recordPositions(await storage.open()))
    broadcast = createFaultyBroadcast()
    roomId = await makeRoom(store)
    asked = []
    heads = store.log.heads
    stop = new AbortController()
    feeds = createFeeds()
  })
  afterEach(async () => {
    stop.abort()
    await feeds.close()
    await store.close()
    await storage.remove()
  })

  const commit = (id = roomId) => appendAtHead(store, id, sent('text'))
  const publish = (events: RoomEvent[]) =>
    broadcast.publish(roomChannel(events[0]?.roomId ?? ''), JSON.stringify(events))
  const listeners = (id = roomId) => broadcast.listeners(roomChannel(id))
  const next = async (feed: RoomFeed, position: number, id = roomId) =>
    (await feed.next(positionAt(id, position), stop.signal)).map(({ seq }) => seq)

  it('share one feed among the listeners of a room, also when they come at once', async () => {
    const [one, two, three] = await Promise.all([feeds.listen(roomId), feeds.listen(roomId), feeds.listen(roomId)])
    expect(new Set([one.feed, two.feed, three.feed, (await feeds.listen(roomId)).feed]).size).toBe(1)
    expect(listeners()).toBe(1)
  })

  it('keep the feed when one of two listeners leaves', async () => {
    const [one, two] = await Promise.all([feeds.listen(roomId), feeds.listen(roomId)])
    one.release()
    one.release()
    expect(listeners()).toBe(1)
    const waiting = next(two.feed, 1)
    await publish(await commit())
    expect(await waiting).toEqual([2])
    two.release()
    await until('the feed is closed', () => listeners() === 0)
  })

  it('open a feed anew after the last listener left, with what happened in between', async () => {
    const one = await feeds.listen(roomId)
    one.release()
    await publish(await commit())
    const two = await feeds.listen(roomId)
    expect(two.feed).not.toBe(one.feed)
    expect(await next(two.feed, 1)).toEqual([2])
    one.release()
    const waiting = next(two.feed, 2)
    await publish(await commit())
    expect(await waiting).toEqual([3])
    await until('only one feed listens', () => listeners() === 1)
  })

  it('come and go in any order without losing the feed or keeping it', async () => {
    for (let round = 0; round < 30; round += 1) {
      const leaving = await feeds.listen(roomId)
      const coming = feeds.listen(roomId)
      leaving.release()
      const { feed, release } = await coming
      const waiting = next(feed, feed.head().seq)
      await publish(await commit())
      expect(await waiting).toHaveLength(1)
      release()
    }
    await until('all feeds are closed', () => listeners() === 0)
  })

  it('keep rooms apart', async () => {
    const other = await makeRoom(store)
    const [one, two] = await Promise.all([feeds.listen(roomId), feeds.listen(other)])
    const waiting = next(one.feed, 1)
    await publish(await commit(other))
    await publish(await commit())
    expect(await waiting).toEqual([2])
    expect(await next(two.feed, 1, other)).toEqual([2])
    expect(one.feed).not.toBe(two.feed)
  })

  it('can be listened to again after a feed could not open', async () => {
    heads = async () => {
      throw new Error('Not now')
    }
    const failed = await Promise.allSettled([feeds.listen(roomId), feeds.listen(roomId)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(listeners()).toBe(0)
    heads = store.log.heads
    const { feed, release } = await feeds.listen(roomId)
    expect(feed.head().seq).toBe(1)
    release()
    await until('the feed is closed', () => listeners() === 0)
  })

  it('find a lost last event of every room by one question for all', async () => {
    const other = await makeRoom(store)
    await restart({ limits: { checkEvery: 20 } })
    const [one, two] = await Promise.all([feeds.listen(roomId), feeds.listen(other)])
    broadcast.loseSilently()
    await Promise.all([commit(), commit(other)])
    expect(await Promise.all([next(one.feed, 1), next(two.feed, 1, other)])).toEqual([[2], [2]])
    expect(asked.some((ids) => ids.length === 2)).toBe(true)
  })

  it('ask the store nothing while nobody listens', async () => {
    await restart({ limits: { checkEvery: 1 } })
    const { release } = await feeds.listen(roomId)
    await until('the heads were compared', () => asked.length > 3)
    release()
    await until('the feed is closed', () => listeners() === 0)
    const before = asked.length
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(asked.length - before).toBeLessThanOrEqual(1)
  })

  it('compare again after the store failed', async () => {
    await restart({ limits: { checkEvery: 5 } })
    const { feed } = await feeds.listen(roomId)
    const before = asked.length
    heads = async () => {
      throw new Error('Not now')
    }
    await commit()
    await until('the store was asked in vain', () => asked.length > before + 2)
    heads = store.log.heads
    expect(await next(feed, 1)).toEqual([2])
  })

  it('compare more often while the broadcast is disconnected', async () => {
    await restart({ limits: { checkEveryDisconnected: 5 } })
    const { feed } = await feeds.listen(roomId)
    broadcast.disconnect()
    for (let position = 1; position < 5; position += 1) {
      await publish(await commit())
      expect(await next(feed, position)).toEqual([position + 1])
    }
  })

  it('compare at once when the broadcast is back', async () => {
    const { feed } = await feeds.listen(roomId)
    broadcast.disconnect()
    await publish(await commit())
    await publish(await commit())
    expect(feed.head().seq).toBe(1)
    broadcast.reconnect()
    expect(await next(feed, 1)).toEqual([2, 3])
    const waiting = next(feed, 3)
    await publish(await commit())
    expect(await waiting).toEqual([4])
  })

  it('compare less often again once it is back', async () => {
    await restart({ limits: { checkEveryDisconnected: 1 } })
    await feeds.listen(roomId)
    broadcast.disconnect()
    await until('the heads were compared', () => asked.length > 5)
    broadcast.reconnect()
    const before = asked.length
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(asked.length - before).toBeLessThanOrEqual(2)
  })

  it('show what they hold, and count what they do', async () => {
    const metrics = createMetrics('chat')
    await restart({
      metrics,
      limits: { maxEvents: 9, maxBytes: 9_000, maxTotalBytes: 90_000, maxAhead: 7, maxPageBytes: 50_000 },
    })
    await publish(await commit())
    const [one, two] = await Promise.all([feeds.listen(roomId), feeds.listen(await makeRoom(store))])
    const third = await feeds.listen(roomId)
    expect(await next(one.feed, 0)).toEqual([1, 2])
    const [lost] = await commit()
    await publish(await commit())
    await until('the feed waits for what is missing', () => one.feed.size().ahead === 1)
    expect(await metricValues(metrics)).toMatchObject({
      feeds: 2,
      feed_listeners: 3,
      feed_ring_events: 0,
      feed_ring_events_limit: 9,
      feed_ring_bytes_limit: 90_000,
      feed_ahead_events: 1,
      feed_ahead_events_limit: 7,
      feed_page_bytes: expect.any(Number),
      feed_page_bytes_limit: 50_000,
      feed_pages_total: 1,
    })
    expect(await next(one.feed, 2)).toEqual([3, 4])
    await publish([lost as RoomEvent])
    broadcast.disconnect()
    broadcast.reconnect()
    await until('it is counted', async () => {
      const { feed_repairs_total, feed_repeats_total, feed_comparisons_total } = await metricValues(metrics)
      return feed_repairs_total === 1 && feed_repeats_total === 1 && feed_comparisons_total === 1
    })
    expect(await metricValues(metrics)).toMatchObject({ feed_ring_events: 2, feed_ahead_events: 0 })
    for (const { release } of [one, two, third]) release()
    expect(await metricValues(metrics)).toMatchObject({ feeds: 0, feed_listeners: 0, feed_ring_events: 0 })
  })

  it('close all feeds, and watch nothing any more', async () => {
    const other = await makeRoom(store)
    const [one] = await Promise.all([feeds.listen(roomId), feeds.listen(roomId), feeds.listen(other)])
    await feeds.close()
    expect([listeners(), listeners(other), broadcast.watchers()]).toEqual([0, 0, 0])
    await feeds.close()
    one.release()
  })

  it('let go of a feed that is released after the close without closing it twice', async () => {
    const { release } = await feeds.listen(roomId)
    const warned: unknown[] = []
    await feeds.close()
    feeds = createFeeds({ logger: { ...logger, warn: (...args: unknown[]) => void warned.push(args) } })
    const other = await feeds.listen(roomId)
    await feeds.close()
    other.release()
    release()
    await new Promise(setImmediate)
    expect(warned).toEqual([])
  })
})
