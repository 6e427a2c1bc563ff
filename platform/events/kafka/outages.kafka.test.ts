import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../logging/logger.ts'
import { onServer } from '../../testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts'
import { openKafkaEventLog } from '../event-log.kafka.ts'
import type { EventLog } from '../event-log.ts'
import { openTestTopics, type TestTopics, until } from './testing/test-topics.kafka.ts'

const quiet = createLogger('test', 'silent')
const event = (value: string, key = 'k') => ({ key, value })

/** Starts a consumer that keeps the values it is given. */
const collect = async (log: EventLog, topic = 'events', group = 'readers') => {
  const values: string[] = []
  await log.consume({ topic, group, handle: async (events) => void values.push(...events.map(({ value }) => value)) })
  return values
}

describe('without Kafka', () => {
  it('an append is UNAVAILABLE, a consumer waits, and both close', async () => {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    listener.close()
    await once(listener, 'close')
    const log = openKafkaEventLog({ url: `kafka://127.0.0.1:${port}`, prefix: 'test.', logger: quiet })
    const values = await collect(log)
    const appends = [log.append('events', [event('x')]), log.append('events', [event('y')])]
    for (const append of appends)
      await expect(append).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'Events cannot be published now.' })
    await log.close()
    await expect(log.append('events', [event('x')])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await log.close()
    expect(values).toEqual([])
  })
})

onServer('kafka', (url) => {
  describe('outages of Kafka', () => {
    let topics: TestTopics
    let opened: { close(): Promise<void> }[]
    let round = 0
    beforeAll(async () => {
      topics = await openTestTopics(url)
    })
    afterAll(() => topics.drop())
    beforeEach(() => {
      opened = []
      round += 1
    })
    afterEach(async () => {
      // Proxies were opened before what uses them: they close last.
      for (const part of opened.toReversed()) await part.close()
    })

    const own = <T extends { close(): Promise<void> }>(part: T) => {
      opened.push(part)
      return part
    }
    const open = (over: Partial<Parameters<typeof openKafkaEventLog>[0]> = {}) =>
      own(
        openKafkaEventLog({
          url,
          prefix: `${topics.prefix}${round}.`,
          partitions: 4,
          patience: 2_000,
          logger: quiet,
          ...over,
        }),
      )
    const openBehind = (proxy: TcpProxy) => open({ connect: () => connect(proxy.port, '127.0.0.1') })
    const startProxy = async () => own(await startTcpProxy(url))
    /** Appends until it is taken. */
    const insist = async (log: EventLog, value: string, key?: string) => {
      for (;;) {
        try {
          return await log.append('events', [event(value, key)])
        } catch (error) {
          expect(error).toMatchObject({ code: 'UNAVAILABLE' })
        }
      }
    }

    it('lose nothing that was acknowledged, and leave the order, when connections are cut again and again', async () => {
      const proxy = await startProxy()
      const log = openBehind(proxy)
      const values = await collect(log)
      const keys = ['a', 'b', 'c']
      const [count, everySoOften] = [200, 40]
      let acknowledged = 0
      await Promise.all(
        keys.map(async (key) => {
          for (let number = 0; number < count; number += 1) {
            await insist(log, `${key}${number}`, key)
            acknowledged += 1
            if (acknowledged % everySoOften === 0) proxy.cut()
          }
        }),
      )
      await until('all have come', () => new Set(values).size === keys.length * count)
      // What comes again is harmless, as long as each comes first in order.
      for (const key of keys) {
        const first = [...new Set(values.filter((value) => value.startsWith(key)))]
        expect(first).toEqual(Array.from({ length: count }, (_, number) => `${key}${number}`))
      }
    })

    it('let a consumer begin, and appends through, once Kafka is there', async () => {
      const proxy = await startProxy()
      proxy.refuse()
      const log = openBehind(proxy)
      const values = await collect(log)
      await expect(log.append('events', [event('too early')])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await proxy.accept()
      await insist(log, 'in time')
      await until('it has come', () => values.includes('in time'))
    })

    it('end for a consumer that was in the middle of it', async () => {
      const proxy = await startProxy()
      const values = await collect(openBehind(proxy))
      const writer = open()
      await writer.append('events', [event('before')])
      await until('the first has come', () => values.length > 0)
      proxy.refuse()
      proxy.cut()
      await writer.append('events', [event('meanwhile')])
      await proxy.accept()
      await until('the next has come', () => values.includes('meanwhile'))
      // The first may come again: its offset is committed after the work, and the cut may have come in between.
      expect([...new Set(values)]).toEqual(['before', 'meanwhile'])
    })

    it('are told of a consumer: it does not work while it is out of its group', async () => {
      const proxy = await startProxy()
      const consumer = await openBehind(proxy).consume({ topic: 'events', group: 'readers', handle: async () => {} })
      await until('it has joined', consumer.works)
      proxy.freeze()
      await until('it is taken for gone', () => !consumer.works())
      proxy.thaw()
      await until('it is back', consumer.works)
    }, 60_000)

    it('do not keep anything from closing, not even when Kafka is frozen', async () => {
      const proxy = await startProxy()
      const log = openBehind(proxy)
      const values = await collect(log)
      await log.append('events', [event('x')])
      await until('it has come', () => values.length > 0)
      proxy.freeze()
      const append = log.append('events', [event('y')])
      const [{ status }] = await Promise.allSettled([append, log.close()])
      expect(status).toBe('rejected')
      await log.close()
    })

    it('take an event as new though its predecessor was written and never acknowledged', async () => {
      const sockets: Socket[] = []
      let isAway = false
      const log = open({
        patience: 4_000,
        connect(broker) {
          if (isAway) throw new Error('No way there')
          const socket = connect(broker)
          sockets.push(socket)
          return socket
        },
      })
      const values = await collect(open())
      await log.append('events', [event('heard')])
      // Requests get there, answers do not come back.
      for (const socket of sockets) socket.pause()
      const append = log.append('events', [event('unheard')])
      const refusal = expect(append).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await until('it was written all the same', () => values.includes('unheard'))
      isAway = true
      for (const socket of sockets) socket.destroy(new Error('Cut'))
      await refusal
      isAway = false
      await log.append('events', [event('next')])
      await until('the next has come', () => values.includes('next'))
      expect(values.slice(0, 2)).toEqual(['heard', 'unheard'])
    })

    it('share partitions among the members of a group, and give all to the one that is left', async () => {
      const proxy = await startProxy()
      const [doomed, survivor] = [openBehind(proxy), open()]
      const [ofDoomed, ofSurvivor] = [await collect(doomed), await collect(survivor)]
      const sent: string[] = []
      const appendSome = async () => {
        const values = Array.from({ length: 20 }, (_, number) => `${sent.length + number}`)
        await survivor.append(
          'events',
          values.map((value) => event(value, value)),
        )
        sent.push(...values)
      }
      await until('both have a share', async () => {
        const [first, second] = [ofDoomed.length, ofSurvivor.length]
        await appendSome()
        return ofDoomed.length > first && ofSurvivor.length > second
      })
      // Its machine vanishes: it neither leaves the group nor closes its connections.
      proxy.freeze()
      await appendSome()
      const all = () => new Set([...ofDoomed, ...ofSurvivor])
      await until('the survivor has everything', () => all().size === sent.length)
      expect([...all()].toSorted()).toEqual(sent.toSorted())
    })
  })
})
