import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createMemoryBroadcast } from '../../../platform/events/broadcast.memory.ts'
import type { Broadcast } from '../../../platform/events/broadcast.ts'
import { openSqliteEventLog } from '../../../platform/events/event-log.sqlite.ts'
import type { Consumer, EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import { readEvents } from '../../../platform/events/event-log-dead-letters.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics, type Metrics } from '../../../platform/metrics/metrics.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { metricValues } from '../testing/metric-values.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { roomChannel, startFanOut } from './fan-out.ts'

const logger = createLogger('chat', 'silent')

describe('fan-out', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let broadcast: Broadcast
  let eventLog: EventLog
  let consumers: Consumer[]
  let metrics: Metrics
  beforeEach(async () => {
    storage = await temporaryStorage()
    broadcast = createMemoryBroadcast(logger)
    eventLog = openSqliteEventLog({ file: join(storage.folder, 'events.db'), logger })
    consumers = []
    metrics = createMetrics('fan-out')
  })
  afterEach(async () => {
    for (const consumer of consumers) await consumer.close()
    await eventLog.close()
    await broadcast.close()
    await storage.remove()
  })

  const start = async (over: Broadcast = broadcast) => {
    const consumer = await startFanOut({ eventLog, broadcast: over, metrics })
    consumers.push(consumer)
    return consumer
  }
  const event = (roomId: string, seq: number) => ({ key: roomId, value: JSON.stringify({ roomId, seq, text: 'ü,"]' }) })
  /** Each payload that a room's channel brings. */
  const listen = async (roomId: string) => {
    const payloads: { roomId: string; seq: number }[][] = []
    await broadcast.subscribe(roomChannel(roomId), (payload) => void payloads.push(JSON.parse(payload)))
    return payloads
  }
  const seqsOf = (payloads: { seq: number }[][]) => payloads.flat().map(({ seq }) => seq)

  it('groups what comes together by room, in order, one payload for each', async () => {
    const [a, b] = [await listen('a'), await listen('b')]
    await eventLog.append(roomEventsTopic, [event('a', 1), event('b', 1), event('a', 2), event('b', 2), event('a', 3)])
    await start()
    await until('all have arrived', () => a.flat().length === 3 && b.flat().length === 2)
    expect(a).toEqual([[1, 2, 3].map((seq) => ({ named: true, roomId: 'a', seq, text: 'ü,"]' }))])
    expect(b).toEqual([[1, 2].map((seq) => ({ named: true, roomId: 'b', seq, text: 'ü,"]' }))])
    await until('they are counted', async () => (await metricValues(metrics)).fan_out_events_total === 5)
  })

  it('keeps the order over many batches and rooms', async () => {
    const rooms = ['a', 'b', 'c']
    const heard = await Promise.all(rooms.map(listen))
    await start()
    for (let seq = 1; seq <= 300; seq += 10)
      await eventLog.append(
        roomEventsTopic,
        rooms.flatMap((roomId) => Array.from({ length: 10 }, (_, index) => event(roomId, seq + index))),
      )
    await until('all have arrived', () => heard.every((payloads) => payloads.flat().length >= 300))
    for (const payloads of heard) expect(seqsOf(payloads)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('brings nothing to other rooms and from other topics', async () => {
    const [a, b] = [await listen('a'), await listen('b')]
    await start()
    await eventLog.append('another.topic', [event('a', 7)])
    await eventLog.append(roomEventsTopic, [event('b', 1)])
    await until('it has arrived', () => b.length === 1)
    expect(a).toEqual([])
  })

  it('publishes again what the broadcast did not take', async () => {
    const a = await listen('a')
    let failures = 0
    await start({
      ...broadcast,
      async publish(channel, payload) {
        failures += 1
        if (failures === 1) throw new Error('Away')
        await broadcast.publish(channel, payload)
      },
    })
    await eventLog.append(roomEventsTopic, [event('a', 1), event('a', 2)])
    await until('they have arrived', () => a.flat().length === 2)
    expect(seqsOf(a)).toEqual([1, 2])
  })

  it('moves on only after the broadcast has taken everything', async () => {
    let handle: ((events: LogEvent[]) => Promise<void>) | undefined
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const given: EventLog = {
      ...eventLog,
      async consume(options) {
        const { parse } = options
        handle = (events) => options.handle(readEvents(events, { group: 'fan-out', parse }).understood)
        expect(options).toMatchObject({ topic: roomEventsTopic, group: 'fan-out' })
        return { works: () => true, close: async () => {} }
      },
    }
    await startFanOut({
      eventLog: given,
      broadcast: { ...broadcast, publish: (channel) => (channel === roomChannel('b') ? held : Promise.resolve()) },
    })
    let handled = false
    const handling = handle?.([event('a', 1), event('b', 1)]).then(() => {
      handled = true
    })
    await new Promise(setImmediate)
    expect(handled).toBe(false)
    letGo()
    await handling
    expect(handled).toBe(true)
  })

  it('brings nothing that a node could not place in its room, and keeps it as dead letters', async () => {
    const a = await listen('a')
    const dead: { key: string; value: string }[] = []
    consumers.push(
      await eventLog.consume({
        topic: `${roomEventsTopic}.dead`,
        group: 'test',
        handle: async (events) => void dead.push(...events),
      }),
    )
    const unreadable = [
      'no JSON',
      'null',
      '7',
      '[1]',
      '{}',
      '{"roomId":"b","seq":1}',
      '{"roomId":1,"seq":1}',
      '{"roomId":"a"}',
      ...['0', '-1', '1.5', '"1"', 'null', '1e300'].map((seq) => `{"roomId":"a","seq":${seq}}`),
    ]
    await start()
    await eventLog.append(roomEventsTopic, [...unreadable.map((value) => ({ key: 'a', value })), event('a', 1)])
    await until('all have arrived', () => a.flat().length === 1 && dead.length === unreadable.length)
    expect(seqsOf(a)).toEqual([1])
    expect(dead.map(({ key, value }) => [key, JSON.parse(value).value])).toEqual(
      unreadable.map((value) => ['a', value]),
    )
  })

  it('goes on where it was after a restart', async () => {
    const a = await listen('a')
    const first = await start()
    await eventLog.append(roomEventsTopic, [event('a', 1)])
    await until('it has arrived', () => a.length === 1)
    await first.close()
    await eventLog.append(roomEventsTopic, [event('a', 2)])
    await start()
    await until('the next has arrived', () => a.length === 2)
    expect(seqsOf(a)).toEqual([1, 2])
  })
})
