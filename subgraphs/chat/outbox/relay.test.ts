import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSqliteEventLog } from '../../../platform/events/event-log.sqlite.ts'
import type { EventLog } from '../../../platform/events/event-log.ts'
import type { Closable } from '../../../platform/lifecycle/resources.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { chatDefaults } from '../config.ts'
import { createRoomLog } from '../log/room-log.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { appendAtHead, joined, makeRoom, roomUpdated, sent } from '../testing/drafts.ts'
import { metricValues } from '../testing/metric-values.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { type RelayOptions, startRelay } from './relay.ts'

const logger = createLogger('chat', 'silent')

describe('relay', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let eventLog: EventLog
  let publisher: Publisher
  let parts: Closable[]
  /** `roomId/seq` of what consumers of the topic got. */
  let received: string[]
  let away: boolean

  beforeEach(async () => {
    storage = await temporaryStorage()
    store = await storage.open()
    received = []
    parts = []
    away = false
    eventLog = openSqliteEventLog({ file: join(storage.folder, 'events.db'), logger })
    await eventLog.consume({
      topic: roomEventsTopic,
      group: 'test',
      async handle(events) {
        for (const { value } of events) received.push(nameOf(JSON.parse(value)))
      },
    })
    const failing: EventLog = {
      ...eventLog,
      append: async (...args) => {
        if (away) throw new Error('Away')
        return eventLog.append(...args)
      },
    }
    publisher = createPublisher({ store, eventLog: failing, logger, maxWaiting: chatDefaults.maxPublishing })
  })
  afterEach(async () => {
    for (const part of parts.toReversed()) await part.close()
    await publisher.close()
    await eventLog.close()
    await store.close()
    await storage.remove()
  })

  const nameOf = ({ roomId, seq }: { roomId: string; seq: number }) => `${roomId}/${seq}`
  const startIt = async (options: Partial<RelayOptions> = {}) => {
    const relay = await startRelay({ store, publisher, logger, patience: 0, interval: 2, batch: 500, ...options })
    parts.push(relay)
    return relay
  }
  const unpublished = () => store.log.unpublished(10_000)
  const allPublished = () => until('everything is published', async () => (await unpublished()).length === 0)
  const names = (roomId: string, to: number) => Array.from({ length: to }, (_, index) => `${roomId}/${index + 1}`)
  const receivedOf = (roomId: string) => received.filter((name) => name.startsWith(`${roomId}/`))

  it('finishes what a crash left after the append: projects it, publishes it, in order', async () => {
    await appendAtHead(store, 'a', roomUpdated('A'), joined('ann', 'OWNER'), sent('one'))
    await appendAtHead(store, 'b', roomUpdated('B'), sent('two'))
    await startIt()
    await allPublished()
    expect((await store.state.rooms(['a', 'b'])).map(({ projected }) => projected).toSorted()).toEqual([2, 3])
    expect(await store.state.lastMessages(['a', 'b'])).toHaveLength(2)
    await until('all have arrived', () => received.length >= 5)
    expect(receivedOf('a')).toEqual(names('a', 3))
    expect(receivedOf('b')).toEqual(names('b', 2))
  })

  it('projects before it publishes', async () => {
    await appendAtHead(store, 'a', roomUpdated(), sent('text'))
    const projectedAt: (number | undefined)[] = []
    const watching: Publisher = {
      ...publisher,
      async publish(events) {
        projectedAt.push((await store.state.rooms(['a']))[0]?.projected)
        await publisher.publish(events)
      },
    }
    await startIt({ publisher: watching })
    await allPublished()
    expect(projectedAt[0]).toBe(2)
  })

  it('finishes what a crash left after the projection, and leaves alone what is done', async () => {
    const roomId = await makeRoom(store)
    await store.log.markPublished([{ roomId, seq: 1 }])
    const events = await appendAtHead(store, roomId, sent('one'), sent('two'))
    await store.state.project(events)
    await startIt()
    await allPublished()
    await until('they have arrived', () => received.length >= 2)
    expect(received).toEqual([`${roomId}/2`, `${roomId}/3`])
  })

  it('drains more than fits into one batch without resting in between', async () => {
    await appendAtHead(store, 'a', roomUpdated(), ...Array.from({ length: 1_299 }, () => sent('text')))
    await startIt({ interval: 3_600_000 })
    await allPublished()
    await until('all have arrived', () => received.length >= 1_300)
    expect(received).toEqual(names('a', 1_300))
  })

  it('leaves to the publisher what is younger than its patience', async () => {
    const now = Date.now()
    await appendAtHead(
      store,
      'a',
      roomUpdated('Old', 'PUBLIC', { at: now - 600_000 }),
      sent('young', 'ann', { at: now + 3_600_000 }),
    )
    await startIt({ patience: 300_000 })
    await until('the old one is published', async () => (await unpublished()).length === 1)
    expect((await unpublished()).map(({ seq }) => seq)).toEqual([2])
  })

  it('publishes what a process whose clock is an hour ahead left', async () => {
    await appendAtHead(store, 'a', roomUpdated('Ahead', 'PUBLIC', { at: Date.now() + 3_600_000 }))
    await startIt({ patience: 100 })
    await allPublished()
    await until('it has arrived', () => received.length >= 1)
  })

  it('lets sends be acknowledged while the event log is away, and drains when it is back', async () => {
    const roomId = await makeRoom(store)
    const log = createRoomLog({ store, logger, limits: chatDefaults.commits, onCommitted: publisher.publishSoon })
    away = true
    await startIt()
    const sends = Array.from({ length: 30 }, () =>
      log.commit(roomId, { batchable: true, decide: () => [sent('text')] }),
    )
    expect((await Promise.all(sends)).map(({ events: [event] }) => event?.seq)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 2),
    )
    expect((await store.state.rooms([roomId]))[0]?.projected).toBe(31)
    expect(await unpublished()).toHaveLength(31)
    expect(received).toEqual([])
    away = false
    await allPublished()
    await until('all have arrived', () => new Set(received).size === 31)
    expect(new Set(received)).toEqual(new Set(names(roomId, 31)))
    await log.close()
  })

  it('tries again after the store failed', async () => {
    await appendAtHead(store, 'a', roomUpdated())
    let failures = 0
    const failing: ChatStore = {
      ...store,
      log: {
        ...store.log,
        async unpublished(...args) {
          failures += 1
          if (failures <= 3) throw new Error('Away')
          return store.log.unpublished(...args)
        },
      },
    }
    await startIt({ store: failing })
    await allPublished()
    expect(failures).toBeGreaterThan(3)
  })

  it('publishes every event, and projects the other rooms, when one room cannot be projected', async () => {
    await appendAtHead(store, 'broken', roomUpdated(), sent('text'))
    await appendAtHead(store, 'whole', roomUpdated(), sent('text'))
    const failing: ChatStore = {
      ...store,
      state: {
        ...store.state,
        async project(events) {
          if (events[0]?.roomId === 'broken') throw new Error('Broken')
          return store.state.project(events)
        },
      },
    }
    await startIt({ store: failing })
    await allPublished()
    expect((await store.state.rooms(['whole']))[0]?.projected).toBe(2)
  })

  it('shows how much it found, as long as it finds it', async () => {
    const metrics = createMetrics('chat')
    const found = async () => (await metricValues(metrics)).relay_found_events
    away = true
    await appendAtHead(store, 'a', roomUpdated(), sent('one'), sent('two'))
    await startIt({ metrics })
    expect(await found()).toBe(3)
    away = false
    await allPublished()
    await until('nothing is found any more', async () => (await found()) === 0)
  })

  it('is harmless beside another relay', async () => {
    await appendAtHead(store, 'a', roomUpdated(), ...Array.from({ length: 99 }, () => sent('text')))
    await startIt()
    await startIt()
    await allPublished()
    await until('all have arrived', () => new Set(received).size === 100)
    expect((await store.state.messages('a', { take: 'first', count: 200 })).items).toHaveLength(99)
  })

  it('stops at once while it rests, twice without harm, and does nothing any more', async () => {
    const relay = await startIt({ interval: 3_600_000 })
    await relay.close()
    await relay.close()
    await appendAtHead(store, 'a', roomUpdated())
    await new Promise(setImmediate)
    expect(await unpublished()).toHaveLength(1)
  })
})
