import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics, type Metrics } from '../../../platform/metrics/metrics.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { isWhole, type RoomEvent, sentMessage } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { appendAtHead, deleted, edited, joined, makeRoom, sent } from '../testing/drafts.ts'
import { metricValues } from '../testing/metric-values.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { createPublisher, type Publisher } from './publisher.ts'

const logger = createLogger('chat', 'silent')

describe('publisher', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let publisher: Publisher
  let roomId: string
  /** What came to the event log, and what a test does in place of its append. */
  let published: { topic: string; events: LogEvent[] }[]
  let append: EventLog['append']

  const createIt = (options: { maxWaiting?: number; metrics?: Metrics } = {}) => {
    const eventLog: EventLog = {
      append: (topic, events) => append(topic, events),
      consume: () => Promise.reject(new Error('Nothing consumes here')),
      close: async () => {},
    }
    return createPublisher({ store, eventLog, logger, maxWaiting: 10_000, ...options })
  }
  const take: EventLog['append'] = async (topic, events) => {
    published.push({ topic, events })
  }
  beforeEach(async () => {
    storage = await temporaryStorage()
    store = await storage.open()
    roomId = await makeRoom(store)
    await store.log.markPublished([{ roomId, seq: 1 }])
    published = []
    append = take
    publisher = createIt()
  })
  afterEach(async () => {
    await publisher.close()
    await store.close()
    await storage.remove()
  })

  const commit = (count: number) => appendAtHead(store, roomId, ...Array.from({ length: count }, () => sent('text')))
  const unpublished = async () => (await store.log.unpublished(1_000)).map(({ seq }) => seq)
  const seqs = () => published.flatMap(({ events }) => events.map(({ value }) => JSON.parse(value).seq))

  it('brings events to their topic under their room’s id and in order, and takes their marks away', async () => {
    await publisher.publish(await commit(3))
    expect(published).toMatchObject([
      { topic: roomEventsTopic, events: [{ key: roomId }, { key: roomId }, { key: roomId }] },
    ])
    expect(seqs()).toEqual([2, 3, 4])
    expect(await unpublished()).toEqual([])
  })

  it('brings all of an event but the text of its message', async () => {
    const [first] = await appendAtHead(store, roomId, sent('secret'))
    const message = sentMessage(first as RoomEvent)
    const events = await appendAtHead(store, roomId, edited(message, 'secret too'), deleted(message), joined('bob'))
    await publisher.publish([first as RoomEvent, ...events])
    const values = published.flatMap((each) => each.events.map(({ value }) => value))
    expect(values.join()).not.toContain('secret')
    const { text: _, ...untold } = message
    const seen = values.map((value) => JSON.parse(value))
    expect(seen.map(({ change }) => change)).toEqual([
      { type: 'MessageSent', messageId: message.id, clientMessageId: message.clientMessageId },
      { type: 'MessageEdited', message: { ...untold, editedAt: 2_000 } },
      { type: 'MessageDeleted', message: { ...untold, deletedAt: 3_000 } },
      { type: 'MemberJoined', userId: 'bob', role: 'MEMBER' },
    ])
    expect(seen.map(({ change }) => isWhole(change))).toEqual([false, false, false, true])
  })

  it('publishes soon: what comes meanwhile goes next, in order', async () => {
    for (const event of await commit(20)) publisher.publishSoon([event])
    await until('all are marked', async () => (await unpublished()).length === 0)
    expect(seqs()).toEqual(Array.from({ length: 20 }, (_, index) => index + 2))
    expect(published.length).toBeLessThan(20)
  })

  it('keeps the marks of what the event log did not take, and throws to who waits', async () => {
    append = async () => {
      throw new Error('Away')
    }
    const events = await commit(2)
    await expect(publisher.publish(events)).rejects.toThrow('Away')
    expect(await unpublished()).toEqual([2, 3])
  })

  it('does not take a mark away before the event log has the event', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    append = async (...args) => {
      await held
      await take(...args)
    }
    publisher.publishSoon(await commit(2))
    await new Promise(setImmediate)
    expect(await unpublished()).toEqual([2, 3])
    letGo()
    await publisher.close()
    expect(await unpublished()).toEqual([])
  })

  it('goes on after the event log was away; what was missed keeps its mark', async () => {
    append = async () => {
      throw new Error('Away')
    }
    publisher.publishSoon(await commit(1))
    await publisher.close()
    append = take
    publisher.publishSoon(await commit(1))
    await publisher.close()
    expect(seqs()).toEqual([3])
    expect(await unpublished()).toEqual([2])
  })

  it('leaves to the relay what does not fit in', async () => {
    publisher = createIt({ maxWaiting: 3 })
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    append = async (...args) => {
      await held
      await take(...args)
    }
    for (const event of await commit(8)) publisher.publishSoon([event])
    letGo()
    await publisher.close()
    expect(seqs()).toEqual([2, 3, 4, 5])
    expect(await unpublished()).toEqual([6, 7, 8, 9])
    publisher.publishSoon(await commit(1))
    await publisher.close()
    expect(seqs()).toEqual([2, 3, 4, 5, 10])
  })

  it('shows what waits, and counts what it publishes and what it leaves to the relay', async () => {
    const metrics = createMetrics('chat')
    publisher = createIt({ maxWaiting: 3, metrics })
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    append = async (...args) => {
      await held
      await take(...args)
    }
    for (const event of await commit(6)) publisher.publishSoon([event])
    const counts = async () => metricValues(metrics)
    expect(await counts()).toMatchObject({ outbox_waiting_events: 3, outbox_waiting_events_limit: 3 })
    letGo()
    await publisher.close()
    expect(await counts()).toMatchObject({ outbox_published_events_total: 4, outbox_left_events_total: 2 })
    append = async () => {
      throw new Error('Away')
    }
    publisher.publishSoon(await commit(2))
    await publisher.close()
    expect(await counts()).toMatchObject({
      outbox_waiting_events: 0,
      outbox_published_events_total: 4,
      outbox_left_events_total: 4,
    })
  })

  it('close waits for what is on its way and what waits', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    append = async (...args) => {
      await held
      await take(...args)
    }
    for (const event of await commit(3)) publisher.publishSoon([event])
    let closed = false
    const closing = publisher.close().then(() => {
      closed = true
    })
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    letGo()
    await closing
    expect(seqs()).toEqual([2, 3, 4])
    await publisher.close()
  })
})
