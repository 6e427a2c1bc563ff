import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { Partitioners, type Producer } from 'kafkajs'
import { unavailable } from '../../errors/app-error.ts'
import { within } from '../../lifecycle/within.ts'
import type { Logger } from '../../logging/logger.ts'
import type { LogEvent } from '../event-log.ts'
import { createAppendQueue } from './append-queue.kafka.ts'
import { type KafkaClient, kafkaRetry } from './client.kafka.ts'
import type { KafkaTopics } from './topics.kafka.ts'

export interface KafkaProducer {
  /** As `EventLog.append`, with the names that topics have in Kafka. */
  append(topic: string, events: LogEvent[]): Promise<void>
  close(): Promise<void>
}

export interface KafkaProducerOptions {
  openClient(): KafkaClient
  topics: KafkaTopics
  logger: Logger
  /** How long an append may wait while Kafka takes nothing, in milliseconds. */
  patience?: number
}

/** How long closing waits for what is on its way, in milliseconds. */
const grace = 2_000

/** Appends events durably (all in-sync replicas have them), one request at a time. */
export function createKafkaProducer({
  openClient,
  topics,
  logger,
  patience = 5_000,
}: KafkaProducerOptions): KafkaProducer {
  let connection: Connection | undefined
  let failures = 0
  let isClosed = false

  const attempt = async (byTopic: Map<string, LogEvent[]>, milliseconds: number) => {
    connection ??= openConnection(openClient())
    const { send, cut } = connection
    const names = [...byTopic.keys()]
    try {
      const work = topics.ensure(names).then(() => send(byTopic))
      await within(milliseconds, work, 'Kafka did not answer in time')
    } catch (error) {
      // It may have been written all the same. kafkajs would give the next events the same sequence numbers, and Kafka would take
      // them for a repetition: acknowledged, and thrown away. Only a new producer is safe.
      cut()
      connection = undefined
      topics.forget(names)
      throw error
    }
  }
  const send = async (byTopic: Map<string, LogEvent[]>, deadline: number) => {
    for (let left = deadline - performance.now(); left > 0 && !isClosed; left = deadline - performance.now()) {
      try {
        await attempt(byTopic, Math.min(patience / 2, left))
        if (failures > 1) logger.info({}, 'Kafka takes events again')
        failures = 0
        return
      } catch (error) {
        if (isRefused(error)) throw error
        failures += 1
        // Once is what the restart of a broker does.
        if (failures === 2) logger.warn({ err: error }, 'Kafka does not take events; that is tried again')
        await pause(100 + Math.random() * 200)
      }
    }
    throw unavailable('Events cannot be published now.')
  }
  const queue = createAppendQueue({ send, patience })
  return {
    append: queue.append,
    async close() {
      await within(grace, queue.close(), 'Kafka is away').catch(() => {})
      isClosed = true
      queue.abandon()
      connection?.cut()
    },
  }
}

interface Connection {
  send(byTopic: Map<string, LogEvent[]>): Promise<void>
  cut(): void
}

function openConnection({ kafka, cut }: KafkaClient): Connection {
  const asked = new Set<string>()
  const producer = kafka.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    retry: kafkaRetry,
    createPartitioner: () => {
      const choose = Partitioners.DefaultPartitioner()
      return (message) => {
        const partition = choose(message)
        asked.add(`${message.topic}/${partition}`)
        return partition
      }
    },
  })
  let connecting: Promise<void> | undefined
  return {
    async send(byTopic) {
      connecting ??= producer.connect()
      await connecting
      asked.clear()
      await sendAll(producer, byTopic, asked)
    },
    cut,
  }
}

/** Throws also when Kafka answers for fewer partitions than it was asked to: kafkajs forgets one whose leader moves while it retries. */
async function sendAll(producer: Producer, byTopic: Map<string, LogEvent[]>, asked: Set<string>): Promise<void> {
  const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }))
  const answers = await producer.sendBatch({ topicMessages, acks: -1, timeout: 5_000 })
  const answered = new Set(answers.map(({ topicName, partition }) => `${topicName}/${partition}`))
  if ([...asked].some((partition) => !answered.has(partition)))
    throw new Error('Kafka has not answered for a partition')
}

/** Kafka has answered that it will never take the event. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  (('type' in error && refusals.includes(String(error.type))) || (error.cause !== undefined && isRefused(error.cause)))
const refusals = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']
