import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ConsumeOptions, Consumer, EventLog, LogEvent } from './event-log.ts'
import { createDeadLetterReport, deadLettersOf, readEvents } from './event-log-dead-letters.ts'
import type { Step } from './kafka/batch-handler.kafka.ts'
import { createKafkaClients, type KafkaClientOptions } from './kafka/client.kafka.ts'
import { startKafkaConsumer } from './kafka/consumer.kafka.ts'
import { createKafkaProbe, type KafkaProbe } from './kafka/probe.kafka.ts'
import { createKafkaProducer } from './kafka/producer.kafka.ts'
import { createKafkaTopics } from './kafka/topics.kafka.ts'

export interface KafkaEventLogOptions extends Pick<KafkaClientOptions, 'url' | 'connect'> {
  /** What topics and consumer groups begin with in Kafka, so that several systems can share a cluster. */
  prefix: string
  /** Partitions of topics that have to be made. */
  partitions?: number
  /** Replicas of topics that have to be made; -1 for what the cluster says. */
  replication?: number
  logger: Logger
  metrics?: Metrics
  /** How long an append may wait while Kafka takes nothing, in milliseconds. */
  patience?: number
}

export type KafkaEventLog = EventLog & Pick<KafkaProbe, 'answers' | 'requireLogin'>

/**
 * An `EventLog` in Kafka, for the consumers of any number of processes. It opens also while Kafka is away: appends are UNAVAILABLE
 * then, and consumers begin when it is there. Throws when the URL is none.
 */
export function openKafkaEventLog(options: KafkaEventLogOptions): KafkaEventLog {
  const { prefix, partitions = 12, replication = -1, logger, metrics } = options
  const clients = createKafkaClients(options)
  const openClient = clients.open
  const topics = createKafkaTopics({ openClient, partitions, replication })
  const producer = createKafkaProducer({ ...options, openClient, topics })
  const reportDead = createDeadLetterReport({ logger, metrics })
  const probe = createKafkaProbe(openClient)
  const consumers = new Set<Consumer>()
  const append = (topic: string, events: LogEvent[]) => producer.append(prefix + topic, events)

  const consume = async <T>({ topic, group, batch = 200, parse, handle }: ConsumeOptions<T>): Promise<Consumer> => {
    const deadLetters = deadLettersOf(topic)
    const stepsFor = (events: LogEvent[]): Step[] => {
      const { understood, dead } = readEvents(events, { group, parse })
      const bury = async () => {
        await append(
          deadLetters,
          dead.map(({ letter }) => letter),
        )
        reportDead(topic, group, dead)
      }
      return [...(understood.length > 0 ? [() => handle(understood)] : []), ...(dead.length > 0 ? [bury] : [])]
    }
    const consumer = startKafkaConsumer({
      openClient,
      topics,
      topic: prefix + topic,
      // The members of a Kafka group share all their topics: a group of ours has one in Kafka for each topic.
      group: `${prefix}${group}.${topic}`,
      needed: [topic, ...(parse ? [deadLetters] : [])].map((name) => prefix + name),
      batch,
      stepsFor,
      logger,
    })
    consumers.add(consumer)
    return {
      works: consumer.works,
      async close() {
        await consumer.close()
        consumers.delete(consumer)
      },
    }
  }
  return {
    append,
    consume,
    answers: probe.answers,
    requireLogin: probe.requireLogin,
    async close() {
      // Consumers first: their last dead letters still have to go out.
      await Promise.all([...consumers].map((consumer) => consumer.close()))
      await producer.close()
      probe.close()
      clients.close()
    },
  }
}
