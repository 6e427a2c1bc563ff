import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ConfigResourceTypes } from 'kafkajs'
import { createLogger } from '../logging/logger.ts'
import { onServer } from '../testing/servers.ts'
import { eventLogContract } from './event-log.contract.ts'
import { openKafkaEventLog } from './event-log.kafka.ts'
import type { EventLog } from './event-log.ts'
import { openTestTopics, type TestTopics, until } from './kafka/testing/test-topics.kafka.ts'

const quiet = createLogger('test', 'silent')

onServer('kafka', (url) => {
  let topics: TestTopics
  beforeAll(async () => {
    topics = await openTestTopics(url)
  })
  afterAll(() => topics.drop())

  eventLogContract('Kafka', async (name, watch) =>
    openKafkaEventLog({ url, prefix: `${topics.prefix}${name}.`, partitions: 3, ...watch }),
  )

  describe('event log on Kafka', () => {
    let opened: EventLog[]
    let prefix: string
    let round = 0
    beforeEach(() => {
      opened = []
      round += 1
      prefix = `${topics.prefix}${round}.`
    })
    afterEach(() => Promise.all(opened.map((log) => log.close())))

    const open = (over: Partial<Parameters<typeof openKafkaEventLog>[0]> = {}) => {
      const log = openKafkaEventLog({ url, prefix, partitions: 2, logger: quiet, ...over })
      opened.push(log)
      return log
    }
    const event = (value: string, key = 'k') => ({ key, value })
    const collect = async (log: EventLog, topic: string, group = 'readers') => {
      const values: string[] = []
      await log.consume({
        topic,
        group,
        handle: async (events) => void values.push(...events.map(({ value }) => value)),
      })
      return values
    }

    it('makes its topics with the partitions it is told, also when several processes do so at once', async () => {
      const logs = Array.from({ length: 4 }, () => open({ partitions: 5 }))
      const [reader] = logs
      await reader?.consume({ topic: 'a', group: 'readers', parse: (given) => given, handle: async () => {} })
      await Promise.all(logs.map((log) => log.append('a', [event('x')])))
      const names = [`${prefix}a`, `${prefix}a.dead`]
      await until('both are there', async () => {
        const existing = await topics.admin.listTopics()
        return names.every((name) => existing.includes(name))
      })
      const made = await topics.admin.fetchTopicMetadata({ topics: names })
      expect(made.topics.map(({ name, partitions }) => [name, partitions.length]).toSorted()).toEqual(
        names.map((name) => [name, 5]),
      )
    })

    it('uses a topic as it finds it', async () => {
      await topics.admin.createTopics({ topics: [{ topic: `${prefix}a`, numPartitions: 1 }], waitForLeaders: true })
      const log = open()
      await log.append('a', [event('x', 'one'), event('y', 'two'), event('z', 'three')])
      const values = await collect(log, 'a')
      await until('all have come', () => values.length >= 3)
      expect(values).toEqual(['x', 'y', 'z'])
    })

    it('keeps apart systems with other prefixes', async () => {
      const [one, other] = [open(), open({ prefix: `${prefix}other.` })]
      const [ofOne, ofOther] = [await collect(one, 'a'), await collect(other, 'a')]
      await one.append('a', [event('of one')])
      await other.append('a', [event('of the other')])
      await until('both have come', () => ofOne.length > 0 && ofOther.length > 0)
      expect([ofOne, ofOther]).toEqual([['of one'], ['of the other']])
    })

    it('refuses an event that Kafka does not take, for good, and takes those around it', async () => {
      const log = open()
      const values = await collect(log, 'a')
      await log.append('a', [event('first')])
      const appends = [['before'], ['x'.repeat(2_000_000)], ['after']].map(([value]) =>
        log.append('a', [event(String(value))]),
      )
      const [before, refused, after] = await Promise.allSettled(appends)
      expect(before?.status).toBe('fulfilled')
      expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('larger') } })
      expect(after?.status).toBe('fulfilled')
      await until('they have come', () => values.length >= 3)
      expect(values).toEqual(['first', 'before', 'after'])
    })

    it('takes a large append in pieces', async () => {
      const log = open()
      const values = await collect(log, 'a')
      const large = Array.from({ length: 40 }, (_, number) => `${number} `.padEnd(100_000, 'x'))
      await log.append(
        'a',
        large.map((value) => event(value)),
      )
      await until('all have come', () => values.length >= large.length)
      expect(values.map((value) => value.split(' ')[0])).toEqual(large.map((_, number) => `${number}`))
    })

    it('moves the place of a group on only after its dead letters are durable', async () => {
      const failed = Promise.withResolvers<void>()
      const silent = () => {}
      const log = open({ logger: { debug: silent, info: silent, warn: silent, error: () => failed.resolve() } })
      const letters = await collect(log, 'a.dead')
      const limit = (bytes: number) =>
        topics.admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: ConfigResourceTypes.TOPIC,
              name: `${prefix}a.dead`,
              configEntries: [{ name: 'max.message.bytes', value: String(bytes) }],
            },
          ],
        })
      const place = async () => {
        const [of] = await topics.admin.fetchOffsets({ groupId: `${prefix}readers.a`, topics: [`${prefix}a`] })
        return of?.partitions.map(({ offset }) => Number(offset)).reduce((sum, offset) => sum + Math.max(0, offset), 0)
      }
      await log.append('a.dead', [event('so that it is there')])
      await limit(100)
      await log.append('a', [event('unreadable')])
      await log.consume({
        topic: 'a',
        group: 'readers',
        parse: () => {
          throw new Error('never')
        },
        handle: async () => {},
      })
      await failed.promise
      expect(await place()).toBe(0)
      await limit(1_000_000)
      await until('the letter has come', () => letters.length >= 2)
      await until('the group has moved on', async () => (await place()) === 1)
    })
  })
})
