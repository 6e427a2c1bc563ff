import type { EventLog } from '../../../platform/events/event-log.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import type { RoomChange, RoomEvent } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { createPublisherCounts } from './outbox-metrics.ts'

/**
 * Brings committed events to the event log, then takes their pending mark away. Texts of messages stay behind: the event log keeps
 * events for a while, and nothing takes a text out of it that is edited or deleted meanwhile.
 */
export interface Publisher {
  /** Publishes soon, in order. What fails, or does not fit in, keeps its mark: the relay finds it. */
  publishSoon(events: RoomEvent[]): void
  /** Publishes now. Throws when the event log or the store cannot be reached. */
  publish(events: RoomEvent[]): Promise<void>
  close(): Promise<void>
}

export interface PublisherOptions {
  store: ChatStore
  eventLog: EventLog
  logger: Logger
  metrics?: Metrics
  /** How many events may wait. */
  maxWaiting: number
}

export function createPublisher({ store, eventLog, logger, metrics, maxWaiting }: PublisherOptions): Publisher {
  let waiting: Published[] = []
  let running: Promise<void> | undefined
  const count = createPublisherCounts(metrics, { waiting: () => waiting.length, limit: maxWaiting })

  const publish = async (events: Published[]) => {
    await eventLog.append(
      roomEventsTopic,
      events.map(({ roomId, value }) => ({ key: roomId, value })),
    )
    await store.log.markPublished(events)
    count('published', events.length)
  }
  const drain = async () => {
    while (waiting.length > 0) {
      const events = waiting
      waiting = []
      try {
        await publish(events)
      } catch (error) {
        logger.warn({ err: error, events: events.length }, 'events could not be published; the relay will')
        count('left', events.length)
      }
    }
    running = undefined
  }
  return {
    publishSoon(events) {
      if (waiting.length + events.length > maxWaiting) {
        logger.warn({ events: events.length }, 'too many events wait to be published; the relay will')
        count('left', events.length)
        return
      }
      waiting.push(...events.map(toPublished))
      running ??= drain()
    },
    publish: (events) => publish(events.map(toPublished)),
    close: async () => running,
  }
}

interface Published {
  roomId: string
  seq: number
  value: string
}

const toPublished = (event: RoomEvent): Published => ({
  roomId: event.roomId,
  seq: event.seq,
  value: JSON.stringify({ ...event, change: withNoText(event.change) }),
})

/** The change as JSON has it without its message's text: a consumer can tell it from one whose text is empty. */
function withNoText(change: RoomChange): object {
  if (change.type === 'MessageSent') return { ...change, text: undefined }
  return 'message' in change ? { ...change, message: { ...change.message, text: undefined } } : change
}
