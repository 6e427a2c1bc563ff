import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import type { Consumer } from '../event-log.ts'
import { startKafkaConsumer } from './consumer.kafka.ts'
import { until } from './testing/test-topics.kafka.ts'

const events = { FETCH: 'fetch', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', CRASH: 'crash' }

/** A stand-in for a kafkajs consumer. A test says what it does, and tells its events. */
function createFake() {
  const listeners = new Map<string, ((event: { payload: object }) => void)[]>()
  const fake = {
    events,
    calls: [] as string[],
    isCut: false,
    on: (name: string, listener: () => void) => void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    tell(name: string, payload: object = {}) {
      for (const listener of listeners.get(name) ?? []) listener({ payload })
    },
    connect: async () => {},
    subscribe: async (_: object) => {},
    eachBatch: async (_: object) => {},
    async run({ eachBatch }: { eachBatch(payload: object): Promise<void> }) {
      fake.eachBatch = eachBatch
      fake.calls.push('run')
    },
    disconnect: async () => void fake.calls.push('disconnect'),
  }
  return fake
}

describe('consumer that lasts', () => {
  let fakes: ReturnType<typeof createFake>[]
  let prepare: (fake: ReturnType<typeof createFake>) => void
  let lines: string[]
  let handled: string[]
  let consumer: Consumer | undefined
  beforeEach(() => {
    fakes = []
    lines = []
    handled = []
    prepare = () => {}
    consumer = undefined
  })
  afterEach(() => consumer?.close())

  const start = (longestSilence = 3_600_000) => {
    const line = (_: unknown, message?: string) => void lines.push(String(message))
    const started = startKafkaConsumer({
      openClient: () => {
        const fake = createFake()
        prepare(fake)
        fakes.push(fake)
        return {
          kafka: { consumer: () => fake } as unknown as Kafka,
          cut: () => {
            fake.isCut = true
          },
        }
      },
      topics: { ensure: async () => {}, forget: () => {} },
      topic: 't',
      group: 'g',
      needed: ['t'],
      batch: 10,
      stepsFor: (given) => [async () => void handled.push(...given.map(({ value }) => value))],
      logger: { debug: () => {}, info: line, warn: line, error: line },
      longestSilence,
    })
    consumer = started
    return started
  }
  const running = (count: number) =>
    until(`there are ${count}`, () => fakes.length === count && Boolean(fakes.at(-1)?.calls.includes('run')))

  it('follows a crash, of whatever kind, with a new consumer; the old one is let go', async () => {
    start()
    for (const error of [{ retriable: true }, { retriable: false }, {}]) {
      await running(fakes.length || 1)
      fakes.at(-1)?.tell(events.CRASH, { error, restart: false })
      await running(fakes.length + 1)
    }
    expect(fakes.slice(0, -1).map(({ calls, isCut }) => [calls, isCut])).toEqual(
      Array.from({ length: 3 }, () => [['run', 'disconnect'], true]),
    )
  })

  it('tries again when it cannot start', async () => {
    prepare = (fake) => {
      if (fakes.length < 2) fake.connect = () => Promise.reject(new Error('away'))
    }
    start()
    await running(3)
    expect(fakes.map(({ isCut }) => isCut)).toEqual([true, true, false])
  })

  it('replaces a kafkajs that is silent, also while it starts', async () => {
    prepare = (fake) => {
      // Nothing more is heard of this one.
      if (fakes.length === 0) fake.subscribe = () => new Promise(() => {})
    }
    start(20)
    await until('a third one came', () => fakes.length >= 3)
    expect(fakes.slice(0, 2).map(({ isCut }) => isCut)).toEqual([true, true])
  })

  it('takes no batch from a kafkajs that it has replaced', async () => {
    const batchOf = async (fake: ReturnType<typeof createFake> | undefined, value: string) => {
      const batch = { topic: 't', partition: 0, messages: [{ key: null, value, offset: '0' }] }
      const nothing = async () => {}
      const rest = {
        isRunning: () => true,
        heartbeat: nothing,
        commitOffsetsIfNecessary: nothing,
        resolveOffset: nothing,
      }
      await fake?.eachBatch({ batch, ...rest })
    }
    start()
    await running(1)
    await batchOf(fakes[0], 'first')
    fakes[0]?.tell(events.CRASH, { error: new Error('away') })
    await running(2)
    await batchOf(fakes[0], 'late')
    await batchOf(fakes[1], 'second')
    expect(handled).toEqual(['first', 'second'])
  })

  it('works while it is a member of its group: it has joined, gives signs, and was not replaced', async () => {
    const started = start()
    await running(1)
    expect(started.works()).toBe(false)
    fakes[0]?.tell(events.FETCH)
    expect(started.works()).toBe(false)
    fakes[0]?.tell(events.GROUP_JOIN)
    expect(started.works()).toBe(true)
    const joinedAt = performance.now()
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => joinedAt + 8_100)
    expect(started.works()).toBe(false)
    fakes[0]?.tell(events.HEARTBEAT)
    expect(started.works()).toBe(true)
    clock.mockRestore()
    fakes[0]?.tell(events.CRASH, { error: new Error('away') })
    await running(2)
    expect(started.works()).toBe(false)
    fakes[1]?.tell(events.GROUP_JOIN)
    expect(started.works()).toBe(true)
  })

  it('leaves alone a kafkajs that gives signs of life', async () => {
    start(100)
    await running(1)
    const began = Date.now()
    await until('three times the silence has gone by', () => {
      fakes[0]?.tell(events.FETCH)
      return Date.now() - began > 300
    })
    expect(fakes).toHaveLength(1)
  })

  it('has one line in the log for a loss and one for a return', async () => {
    prepare = (fake) => {
      if (fakes.length > 0 && fakes.length < 3) fake.connect = () => Promise.reject(new Error('away'))
    }
    start()
    await running(1)
    fakes[0]?.tell(events.FETCH)
    fakes[0]?.tell(events.CRASH, { error: new Error('away') })
    await running(4)
    fakes[3]?.tell(events.FETCH)
    fakes[3]?.tell(events.FETCH)
    expect(lines).toEqual(['a consumer cannot reach Kafka; it tries again', 'a consumer reaches Kafka again'])
  })

  it('closes after kafkajs has left its group, twice without harm, and starts nothing any more', async () => {
    const started = start()
    await running(1)
    await Promise.all([started.close(), started.close()])
    await started.close()
    expect(fakes.map(({ calls, isCut }) => [calls, isCut])).toEqual([[['run', 'disconnect'], true]])
  })

  it('closes also when kafkajs does not', async () => {
    prepare = (fake) => {
      fake.disconnect = () => new Promise(() => {})
    }
    const started = start()
    await running(1)
    await started.close()
    expect(fakes.map(({ isCut }) => isCut)).toEqual([true])
  })
})
