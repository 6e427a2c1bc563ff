import { performance } from 'node:perf_hooks'
import { unavailable } from '../../errors/app-error.ts'
import type { LogEvent } from '../event-log.ts'

/** Appends in the order they came, gathered into requests: what arrives while one is on its way goes with the next. */
export interface AppendQueue {
  /** Resolves once all the events are durable. Throws when one cannot be, and drops those after it. */
  append(topic: string, events: LogEvent[]): Promise<void>
  /** Takes no more, and resolves when nothing is on its way. */
  close(): Promise<void>
  /** Throws to all that wait. */
  abandon(): void
}

export interface AppendQueueOptions {
  /** Makes the events durable, those of a topic in their order, or throws; before the deadline (`performance.now()`). */
  send(byTopic: Map<string, LogEvent[]>, deadline: number): Promise<void>
  /** How long an append may wait while nothing gets through, in milliseconds. */
  patience: number
  /** What one request may carry. Kafka takes 1 MB by default; a larger event goes alone, for Kafka to decide. */
  mostBytes?: number
  mostEvents?: number
  /** What may wait, in bytes; beyond it an append is UNAVAILABLE. */
  mostWaiting?: number
}

interface Append {
  topic: string
  events: LogEvent[]
  /** How many of them are on their way or durable. */
  taken: number
  bytes: number
  since: number
  settle: PromiseWithResolvers<void>
}

const away = () => unavailable('Events cannot be published now.')
/** What Kafka adds to an event: lengths, offset, time. */
const overhead = 50
const sizeOf = ({ key, value }: LogEvent) => Buffer.byteLength(key) + Buffer.byteLength(value) + overhead

export function createAppendQueue(options: AppendQueueOptions): AppendQueue {
  const { send, patience, mostBytes = 500_000, mostEvents = 1_000, mostWaiting = 64_000_000 } = options
  const waiting: Append[] = []
  let bytesWaiting = 0
  let lastSuccess = 0
  let running: Promise<void> | undefined
  let isClosed = false

  /** The events of the next request, and the appends that have a part in it. */
  const take = () => {
    const byTopic = new Map<string, LogEvent[]>()
    const appends: Append[] = []
    let [bytes, count] = [0, 0]
    for (const append of waiting) {
      const ofTopic = byTopic.get(append.topic) ?? []
      for (; append.taken < append.events.length; append.taken += 1) {
        const event = append.events[append.taken] as LogEvent
        bytes += sizeOf(event)
        count += 1
        if (count > 1 && (bytes > mostBytes || count > mostEvents)) return { byTopic, appends }
        byTopic.set(append.topic, ofTopic)
        if (appends.at(-1) !== append) appends.push(append)
        ofTopic.push(event)
      }
    }
    return { byTopic, appends }
  }
  /** Takes the first appends off the queue. */
  const leave = (count: number) => {
    const gone = waiting.splice(0, count)
    for (const { bytes } of gone) bytesWaiting -= bytes
    return gone
  }
  const drain = async () => {
    for (let oldest = waiting[0]; oldest; oldest = waiting[0]) {
      const { byTopic, appends } = take()
      try {
        await send(byTopic, Math.max(oldest.since, lastSuccess) + patience)
        lastSuccess = performance.now()
        const whole = appends.filter(({ taken, events }) => taken === events.length)
        for (const { settle } of leave(whole.length)) settle.resolve()
      } catch (error) {
        for (const { settle } of leave(appends.length)) settle.reject(error)
      }
    }
    running = undefined
  }
  return {
    async append(topic, events) {
      if (events.length === 0) return
      const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0)
      if (isClosed || bytesWaiting + bytes > mostWaiting) throw away()
      const settle = Promise.withResolvers<void>()
      waiting.push({ topic, events, taken: 0, bytes, since: performance.now(), settle })
      bytesWaiting += bytes
      running ??= drain()
      return settle.promise
    },
    async close() {
      isClosed = true
      await running
    },
    abandon() {
      isClosed = true
      for (const { settle } of leave(waiting.length)) settle.reject(away())
    },
  }
}
