import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ConsumeOptions, LogEvent } from './event-log.ts'

/** The value of a dead letter, as JSON. Its key is that of the event. */
export interface DeadLetter {
  reason: string
  group: string
  key: string
  value: string
  /** When, as RFC 3339 text in UTC. */
  when: string
  /** There when the value was too long for a letter and only its beginning is kept. */
  cut?: true
}

/** An event that could not be read: its letter, and why. */
export interface DeadEvent {
  letter: LogEvent
  reason: string
}

/** The topic of the events that the consumers of this one could not read. */
export const deadLettersOf = (topic: string) => `${topic}.dead`

/** Parts a batch into what the consumer understands and what it cannot read; both keep their order. */
export function readEvents<T>(events: LogEvent[], { group, parse }: Pick<ConsumeOptions<T>, 'group' | 'parse'>) {
  const understood: T[] = []
  const dead: DeadEvent[] = []
  for (const event of events) {
    try {
      // Without `parse` a handler takes events: that is the default of the type parameter.
      understood.push(parse ? parse(event) : (event as T))
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, longestReason)
      dead.push({ letter: toLetter(event, group, reason), reason })
    }
  }
  return { understood, dead }
}

/** Tells of dead letters that are durable: each is one line in the log, and counted. */
export function createDeadLetterReport({ logger, metrics }: { logger: Logger; metrics?: Metrics }) {
  const count = metrics?.counter('parley_dead_events_total', 'Events that a consumer group could not read', [
    'topic',
    'group',
  ])
  return (topic: string, group: string, dead: DeadEvent[]) => {
    if (dead.length > 0) count?.add({ topic, group }, dead.length)
    for (const { letter, reason } of dead)
      logger.error({ topic, group, key: letter.key, reason }, 'an event cannot be read: it is in the dead letters')
  }
}

/** A letter has to fit where its event did: Kafka takes 1 MB, and a character can take six bytes in JSON. */
const longestLetter = 900_000
const keptOfLongValue = 100_000
const longestReason = 1_000

function toLetter({ key, value }: LogEvent, group: string, reason: string): LogEvent {
  const whole: DeadLetter = { reason, group, key, value, when: new Date().toISOString() }
  const text = JSON.stringify(whole)
  if (Buffer.byteLength(text) <= longestLetter) return { key, value: text }
  const cut: DeadLetter = { ...whole, value: value.slice(0, keptOfLongValue), cut: true }
  return { key, value: JSON.stringify(cut) }
}
