import { setTimeout as pause } from 'node:timers/promises'
import type { EachBatchPayload, Consumer as KafkaJsConsumer } from 'kafkajs'
import { within } from '../../lifecycle/within.ts'
import type { Logger } from '../../logging/logger.ts'
import type { Consumer, LogEvent } from '../event-log.ts'
import { createBatchHandler, type Step } from './batch-handler.kafka.ts'
import { type KafkaClient, kafkaRetry } from './client.kafka.ts'
import type { KafkaTopics } from './topics.kafka.ts'

export interface KafkaConsumerOptions {
  openClient(): KafkaClient
  topics: KafkaTopics
  /** The names that both have in Kafka, and every topic that has to be there. */
  topic: string
  group: string
  needed: string[]
  batch: number
  stepsFor(events: LogEvent[]): Step[]
  logger: Logger
  /** How long kafkajs may give no sign of life before it is replaced, in milliseconds: longer than a rebalance takes. */
  longestSilence?: number
}

/** How long closing waits for the last commit and for leaving the group, in milliseconds. */
const grace = 2_000
const longestRest = 2_000

/** A member that gave no sign for so long is none any more, or about to be thrown out, in milliseconds. */
const longestAbsence = 8_000

const membership = {
  // The least that brokers allow by default. A member that has died is noticed after this long.
  sessionTimeout: 6_000,
  // How long the others wait for a member that is busy when partitions are given out anew.
  rebalanceTimeout: 10_000,
  heartbeatInterval: 1_000,
  // Closing waits for the fetch that is under way.
  maxWaitTimeInMs: 500,
}

/** A member of a consumer group that lasts until it is closed: what ends kafkajs's consumer is followed by a new one. */
export function startKafkaConsumer(options: KafkaConsumerOptions): Consumer {
  const { openClient, topics, topic, group, needed, logger, longestSilence = 16_000 } = options
  const closing = new AbortController()
  const batches = createBatchHandler({ ...options, closing: closing.signal })
  let failures = 0
  /** When a member of the group gave the last sign that it is one, by `performance.now()`. */
  let lastSign = Number.NEGATIVE_INFINITY
  let isAway = false
  const fetched = () => {
    if (isAway) logger.info({ topic, group }, 'a consumer reaches Kafka again')
    isAway = false
    failures = 0
  }

  /** The life of one kafkajs consumer. Resolves when this one closes, throws when that one has ended. */
  const live = async (closed: Promise<void>) => {
    const client = openClient()
    const consumer = client.kafka.consumer({
      ...membership,
      groupId: group,
      allowAutoTopicCreation: false,
      retry: { ...kafkaRetry, restartOnFailure: async () => false },
    })
    consumer.on(consumer.events.FETCH, fetched)
    consumer.on(consumer.events.GROUP_JOIN, batches.joined)
    for (const sign of [consumer.events.GROUP_JOIN, consumer.events.HEARTBEAT])
      consumer.on(sign, () => {
        lastSign = performance.now()
      })
    const life = watch(consumer, longestSilence, batches.isWorking)

    let isOver = false
    const eachBatch = async (payload: EachBatchPayload) => (isOver ? undefined : batches.handle(payload))
    const start = async () => {
      await topics.ensure(needed)
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
    }
    const starting = start()
    try {
      await Promise.race([starting, life.ended, closed])
      await Promise.race([life.ended, closed])
    } finally {
      isOver = true
      lastSign = Number.NEGATIVE_INFINITY
      life.stop()
      await batches.idle()
      // kafkajs does not hear that it has to stop while it starts.
      const leaving = starting.then(() => consumer.disconnect())
      const left = (patience: number) => within(patience, leaving, 'Kafka is away').catch(() => {})
      if (closing.signal.aborted) await left(grace)
      client.cut()
      // What still ran on the client fails now: nothing of it outlives this.
      await left(500)
    }
  }
  const run = async () => {
    while (!closing.signal.aborted) {
      const closed = Promise.withResolvers<void>()
      const onClosing = () => closed.resolve()
      closing.signal.addEventListener('abort', onClosing)
      try {
        await live(closed.promise)
      } catch (error) {
        failures += 1
        topics.forget(needed)
        if (!isAway) logger.warn({ err: error, topic, group }, 'a consumer cannot reach Kafka; it tries again')
        isAway = true
        const longest = Math.min(longestRest, 100 * 2 ** failures)
        await pause(longest * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => {})
      } finally {
        closing.signal.removeEventListener('abort', onClosing)
      }
    }
  }
  const running = run()
  return {
    works: () => performance.now() - lastSign < longestAbsence && !batches.isStuck(),
    async close() {
      closing.abort()
      await running
    },
  }
}

/** Watches a kafkajs consumer: `ended` rejects when it has crashed, and when it gives no sign of life though nothing is handled. */
function watch(consumer: KafkaJsConsumer, longestSilence: number, isWorking: () => boolean) {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const { FETCH, HEARTBEAT, GROUP_JOIN, CRASH } = consumer.events
  let lastSign = performance.now()
  for (const sign of [FETCH, HEARTBEAT, GROUP_JOIN] as const)
    consumer.on(sign, () => {
      lastSign = performance.now()
    })
  consumer.on(CRASH, ({ payload }) => reject(payload.error))
  const checking = setInterval(() => {
    if (!isWorking() && performance.now() - lastSign > longestSilence) reject(new Error('kafkajs is silent'))
  }, longestSilence / 5)
  return { ended, stop: () => clearInterval(checking) }
}
