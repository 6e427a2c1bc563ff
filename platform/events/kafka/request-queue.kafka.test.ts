import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createLogger } from '../../logging/logger.ts'
import { onServer } from '../../testing/servers.ts'
import { openKafkaEventLog } from '../event-log.kafka.ts'
import { mendRequestQueue, type RequestQueue } from './request-queue.kafka.ts'
import { openTestTopics, until } from './testing/test-topics.kafka.ts'

/** The delays of all timers that are set from now on. */
const delays = () => timers.mock.calls.map(([, delay]) => delay ?? 0)
let timers: jest.SpiedFunction<typeof setTimeout>
beforeEach(() => {
  timers = jest.spyOn(globalThis, 'setTimeout')
})
afterEach(() => timers.mockRestore())

describe('mended request queue', () => {
  type Push = (request: { entry: object; expectResponse: boolean; sendRequest(): void }) => void
  const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
    options: object,
  ) => RequestQueue & { push: Push; destroy(): void }
  const open = () => new Queue({ requestTimeout: 1_000, logger: { debug: () => {} } })
  beforeEach(mendRequestQueue)

  it('sets no timer when nothing waits', () => {
    const queue = open()
    queue.checkPendingRequests()
    expect(delays()).toEqual([])
  })

  it('sends what waits when Kafka’s throttling ends, with one timer', async () => {
    const queue = open()
    queue.throttledUntil = Date.now() + 20
    const order: number[] = []
    const sent = [1, 2, 3].map(
      (correlationId) =>
        new Promise<void>((resolve) =>
          queue.push({
            entry: { correlationId, resolve, reject: () => {} },
            expectResponse: false,
            sendRequest: () => order.push(correlationId),
          }),
        ),
    )
    expect(order).toEqual([])
    await Promise.all(sent)
    expect(order).toEqual([1, 2, 3])
    expect(Math.min(...delays())).toBeGreaterThanOrEqual(10)
    expect(queue.throttleCheckTimeoutId).toBeNull()
    queue.destroy()
  })
})

onServer('kafka', (url) => {
  it('an idle client of Kafka sets no timer of a few milliseconds or less', async () => {
    const topics = await openTestTopics(url)
    const answers: number[] = []
    const log = openKafkaEventLog({
      url,
      prefix: topics.prefix,
      partitions: 1,
      logger: createLogger('test', 'silent'),
      connect: (broker) => connect(broker).on('data', ({ length }) => void answers.push(length)),
    })
    const handled = Promise.withResolvers<void>()
    await log.consume({ topic: 'events', group: 'readers', handle: async () => handled.resolve() })
    await log.append('events', [{ key: 'k', value: 'x' }])
    await handled.promise
    const before = answers.length
    await until('it has idled for a while', () => answers.length >= before + 4)
    expect(delays().filter((delay) => !(delay >= 10))).toEqual([])
    await log.close()
    await topics.drop()
  })
})
