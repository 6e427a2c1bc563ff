import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { EventLog, LogEvent } from './event-log.ts'

/** What every `EventLog` does. `open` gives the storage of that name, empty the first time. */
export function eventLogContract(adapter: string, open: (name: string) => Promise<EventLog>): void {
  describe(`event log on ${adapter}`, () => {
    let name: string
    let topic: string
    let log: EventLog
    beforeEach(async () => {
      name = randomUUID().replaceAll('-', '')
      topic = `events-${name}`
      log = await open(name)
    })
    afterEach(() => log.close())

    const reopen = async () => {
      await log.close()
      log = await open(name)
    }
    /** Starts a consumer that keeps the values it is given. */
    const collect = async (group: string, from = topic) => {
      const values: string[] = []
      const consumer = await log.consume({
        topic: from,
        group,
        handle: async (events) => void values.push(...events.map(({ value }) => value)),
      })
      return { values, close: consumer.close }
    }
    const event = (value: string, key = 'k'): LogEvent => ({ key, value })

    it('keeps the order of each key', async () => {
      const keys = ['a', 'b', 'c']
      const { values } = await collect('readers')
      await Promise.all(
        keys.map(async (key) => {
          for (let number = 0; number < 20; number += 2) {
            await log.append(topic, [event(`${key}${number}`, key), event(`${key}${number + 1}`, key)])
          }
        }),
      )
      await until(() => values.length >= 60)
      for (const key of keys) {
        const expected = Array.from({ length: 20 }, (_, number) => `${key}${number}`)
        expect(values.filter((value) => value.startsWith(key))).toEqual(expected)
      }
    })

    it('loses none of many concurrent appends', async () => {
      const { values } = await collect('readers')
      const sent = Array.from({ length: 200 }, (_, number) => `${number}`)
      await Promise.all(sent.map((value) => log.append(topic, [event(value, value)])))
      await until(() => values.length >= sent.length)
      expect(values.toSorted()).toEqual(sent.toSorted())
    })

    it('gives keys and values as they were', async () => {
      const events = [event('{"text":"Zoë 🦊\\n"}', 'ключ'), event('x'.repeat(100_000), 'large'), event('', 'empty')]
      const given: LogEvent[] = []
      await log.append(topic, events)
      await log.consume({ topic, group: 'readers', handle: async (batch) => void given.push(...batch) })
      await until(() => given.length >= events.length)
      expect(given.toSorted(byKey)).toEqual(events.toSorted(byKey))
    })

    it('appends nothing when there is nothing', async () => {
      const { values } = await collect('readers')
      await log.append(topic, [])
      await log.append(topic, [event('after')])
      await until(() => values.length > 0)
      expect(values).toEqual(['after'])
    })

    it('gives every group every event, and each topic its own', async () => {
      const other = `${topic}-other`
      await log.append(other, [event('elsewhere')])
      const groups = [await collect('one'), await collect('two')]
      await log.append(topic, [event('a'), event('b')])
      for (const { values } of groups) {
        await until(() => values.length >= 2)
        expect(values).toEqual(['a', 'b'])
      }
      const elsewhere = await collect('one', other)
      await until(() => elsewhere.values.length > 0)
      expect(elsewhere.values).toEqual(['elsewhere'])
    })

    it('starts a new group at the oldest event', async () => {
      await log.append(topic, [event('a')])
      const early = await collect('early')
      await until(() => early.values.length > 0)
      const late = await collect('late')
      await log.append(topic, [event('b')])
      await until(() => late.values.length >= 2)
      expect(late.values).toEqual(['a', 'b'])
    })

    it('keeps events over a restart', async () => {
      await log.append(topic, [event('a'), event('b')])
      await reopen()
      const { values } = await collect('readers')
      await until(() => values.length >= 2)
      expect(values).toEqual(['a', 'b'])
    })

    it('keeps the place of a group over a restart', async () => {
      const first = await collect('readers')
      await log.append(topic, [event('a')])
      await until(() => first.values.length > 0)
      await reopen()
      await log.append(topic, [event('b')])
      const second = await collect('readers')
      await until(() => second.values.length > 0)
      expect(second.values).toEqual(['b'])
    })

    it('gives a group that was away what it missed', async () => {
      const first = await collect('readers')
      await log.append(topic, [event('a')])
      await until(() => first.values.length > 0)
      await first.close()
      await log.append(topic, [event('b'), event('c')])
      const second = await collect('readers')
      await until(() => second.values.length >= 2)
      expect(first.values).toEqual(['a'])
      expect(second.values).toEqual(['b', 'c'])
    })

    it('hands over events again until the handler does not throw, and skips none', async () => {
      const handled: string[] = []
      let failures = 0
      await log.append(topic, [event('a'), event('b'), event('c')])
      await log.consume({
        topic,
        group: 'readers',
        batch: 1,
        handle: async ([first]) => {
          if (first?.value === 'b' && failures < 2) {
            failures += 1
            throw new Error('not now')
          }
          handled.push(String(first?.value))
        },
      })
      await until(() => handled.includes('c'))
      expect(handled).toEqual(['a', 'b', 'c'])
      expect(failures).toBe(2)
    })

    it('hands over after a restart what the handler had thrown at', async () => {
      let tries = 0
      await log.append(topic, [event('a')])
      await log.consume({
        topic,
        group: 'readers',
        handle: async () => {
          tries += 1
          throw new Error('not now')
        },
      })
      await until(() => tries > 0)
      await reopen()
      const { values } = await collect('readers')
      await until(() => values.length > 0)
      expect(values).toEqual(['a'])
    })

    it('does not let a group that fails hold up another', async () => {
      await log.consume({ topic, group: 'broken', handle: () => Promise.reject(new Error('never')) })
      const { values } = await collect('sound')
      await log.append(topic, [event('a')])
      await log.append(topic, [event('b')])
      await until(() => values.length >= 2)
      expect(values).toEqual(['a', 'b'])
    })

    it('hands over one batch at a time, none larger than asked', async () => {
      const sizes: number[] = []
      let running = 0
      let most = 0
      await log.append(
        topic,
        Array.from({ length: 25 }, (_, number) => event(`${number}`)),
      )
      await log.consume({
        topic,
        group: 'readers',
        batch: 10,
        async handle(events) {
          running += 1
          most = Math.max(most, running)
          await new Promise(setImmediate)
          sizes.push(events.length)
          running -= 1
        },
      })
      await until(() => sizes.reduce((sum, size) => sum + size, 0) >= 25)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10)
      expect(most).toBe(1)
    })

    it('closes a consumer after its running batch, and hands over nothing more', async () => {
      const order: string[] = []
      const gate = Promise.withResolvers<void>()
      const entered = Promise.withResolvers<void>()
      const consumer = await log.consume({
        topic,
        group: 'readers',
        batch: 1,
        async handle([first]) {
          order.push(`begins ${first?.value}`)
          entered.resolve()
          await gate.promise
          order.push(`ends ${first?.value}`)
        },
      })
      await log.append(topic, [event('a'), event('b')])
      await entered.promise
      const closed = consumer.close().then(() => order.push('closed'))
      await new Promise(setImmediate)
      gate.resolve()
      await closed
      expect(order).toEqual(['begins a', 'ends a', 'closed'])
      const { values } = await collect('readers')
      await until(() => values.length > 0)
      expect(values).toEqual(['b'])
      expect(order).toHaveLength(3)
    })

    it('closes its consumers with itself, and closes twice', async () => {
      const { values, close } = await collect('readers')
      await log.append(topic, [event('a')])
      await until(() => values.length > 0)
      await log.close()
      await close()
      await log.close()
    })
  })
}

const byKey = (a: LogEvent, b: LogEvent) => (a.key < b.key ? -1 : 1)

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it never came true')
    await new Promise(setImmediate)
  }
}
