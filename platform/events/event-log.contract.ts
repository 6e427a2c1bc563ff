import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger, type Logger } from '../logging/logger.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { EventLog, LogEvent } from './event-log.ts'
import type { DeadLetter } from './event-log-dead-letters.ts'

/** What watches an event log: it is given to each, and asked by the tests of dead letters. */
export interface Watch {
  logger: Logger
  metrics?: Metrics
}

const unwatched: Watch = { logger: createLogger('test', 'silent') }

/** What every `EventLog` does. `open` gives the storage of that name, empty the first time. */
export function eventLogContract(adapter: string, open: (name: string, watch: Watch) => Promise<EventLog>): void {
  describe(`event log on ${adapter}`, () => {
    let name: string
    let topic: string
    let log: EventLog
    beforeEach(async () => {
      name = randomUUID().replaceAll('-', '')
      topic = `events-${name}`
      log = await open(name, unwatched)
    })
    afterEach(() => log.close())

    const reopen = async (watch = unwatched) => {
      await log.close()
      log = await open(name, watch)
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

    it('tells that a consumer works, with nothing to do, and while it gets on', async () => {
      const handled: string[] = []
      const consumer = await log.consume({
        topic,
        group: 'readers',
        handle: async (events) => void handled.push(...events.map(({ value }) => value)),
      })
      await until(consumer.works)
      await log.append(topic, [event('a')])
      await until(() => handled.length > 0)
      expect(consumer.works()).toBe(true)
      await consumer.close()
      expect(consumer.works()).toBe(false)
    })

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

    describe('dead letters', () => {
      const toNumber = ({ value }: LogEvent) => {
        if (!/^\d+$/.test(value)) throw new Error(`${value} is no number`)
        return Number(value)
      }
      /** Starts a consumer that reads numbers, and keeps them. */
      const collectNumbers = async (group: string) => {
        const numbers: number[] = []
        const consumer = await log.consume({
          topic,
          group,
          parse: toNumber,
          handle: async (given) => void numbers.push(...given),
        })
        return { numbers, close: consumer.close }
      }
      const collectLetters = async () => {
        const letters: { key: string; letter: DeadLetter }[] = []
        await log.consume({
          topic: `${topic}.dead`,
          group: 'undertaker',
          parse: ({ key, value }) => ({ key, letter: JSON.parse(value) as DeadLetter }),
          handle: async (given) => void letters.push(...given),
        })
        return letters
      }

      it('are what cannot be read; the rest is handed over in order', async () => {
        const before = new Date().toISOString()
        const letters = await collectLetters()
        const { numbers } = await collectNumbers('readers')
        await log.append(topic, [event('1'), event('two "✝"\n'), event('3')])
        await until(() => numbers.length >= 2 && letters.length >= 1)
        expect(numbers).toEqual([1, 3])
        expect(letters).toEqual([
          {
            key: 'k',
            letter: {
              reason: 'two "✝"\n is no number',
              group: 'readers',
              key: 'k',
              value: 'two "✝"\n',
              when: expect.any(String),
            },
          },
        ])
        expect(String(letters[0]?.letter.when) >= before).toBe(true)
      })

      it('are made of events whose reason is not an error, and of long ones', async () => {
        const letters = await collectLetters()
        await log.consume({
          topic,
          group: 'readers',
          parse: () => {
            throw 'no reason'
          },
          handle: async () => {},
        })
        await log.append(topic, [event('x'.repeat(100_000)), event('\u0001'.repeat(200_000))])
        await until(() => letters.length >= 2)
        expect(letters.map(({ letter }) => letter.reason)).toEqual(['no reason', 'no reason'])
        expect(letters[0]?.letter.value).toBe('x'.repeat(100_000))
        expect(letters[1]?.letter).toMatchObject({ value: '\u0001'.repeat(100_000), cut: true })
      })

      it('are never handed over, nor is a batch of nothing else', async () => {
        const batches: number[][] = []
        await log.consume({
          topic,
          group: 'readers',
          batch: 1,
          parse: toNumber,
          handle: async (given) => void batches.push(given),
        })
        await log.append(topic, [event('one'), event('two'), event('3')])
        await until(() => batches.length > 0)
        expect(batches).toEqual([[3]])
      })

      it('are made once, however often the handler of the others throws', async () => {
        const letters = await collectLetters()
        let tries = 0
        await log.append(topic, [event('first'), event('1')])
        await log.consume({
          topic,
          group: 'readers',
          parse: toNumber,
          async handle() {
            tries += 1
            if (tries < 3) throw new Error('not now')
          },
        })
        await until(() => tries >= 3)
        await log.append(topic, [event('second')])
        await until(() => letters.some(({ letter }) => letter.value === 'second'))
        expect(letters.map(({ letter }) => letter.value)).toEqual(['first', 'second'])
      })

      it('are made by each group for itself', async () => {
        const letters = await collectLetters()
        const sound = await collect('sound')
        await collectNumbers('one')
        await collectNumbers('two')
        await log.append(topic, [event('x')])
        await until(() => letters.length >= 2 && sound.values.length >= 1)
        expect(letters.map(({ letter }) => letter.group).toSorted()).toEqual(['one', 'two'])
        expect(sound.values).toEqual(['x'])
      })

      it('keep the place of their group over a restart, and stay', async () => {
        const first = await collectNumbers('readers')
        await log.append(topic, [event('x'), event('1')])
        await until(() => first.numbers.length > 0)
        await reopen()
        const letters = await collectLetters()
        const second = await collectNumbers('readers')
        await log.append(topic, [event('y'), event('2')])
        await until(() => second.numbers.length > 0 && letters.length >= 2)
        expect(second.numbers).toEqual([2])
        expect(letters.map(({ letter }) => letter.value)).toEqual(['x', 'y'])
      })

      it('are counted and logged, once each', async () => {
        const lines: { details: unknown; message: unknown }[] = []
        const keep = (details: unknown, message?: string) => void lines.push({ details, message })
        const quiet = () => {}
        const metrics = createMetrics('test')
        await reopen({ logger: { debug: quiet, info: quiet, warn: quiet, error: keep }, metrics })
        const letters = await collectLetters()
        const { numbers } = await collectNumbers('readers')
        await log.append(topic, [event('x', 'a'), event('1', 'a'), event('y', 'b'), event('2', 'b')])
        await until(() => numbers.length >= 2 && letters.length >= 2 && lines.length >= 2)
        await reopen()
        expect(lines.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))).toEqual([
          {
            details: { topic, group: 'readers', key: 'a', reason: 'x is no number' },
            message: 'an event cannot be read: it is in the dead letters',
          },
          {
            details: { topic, group: 'readers', key: 'b', reason: 'y is no number' },
            message: 'an event cannot be read: it is in the dead letters',
          },
        ])
        const { text } = metrics
        expect(await text()).toContain(`parley_dead_events_total{topic="${topic}",group="readers",service="test"} 2\n`)
      })
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
