import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { roomChannel } from './fan-out.ts'
import { createAnnouncerCounts } from './outbox-metrics.ts'

/**
 * Brings committed events, whole, to the nodes that listen to their room. Nothing keeps them on the way. What does not arrive is named
 * by the fan-out a moment later, and then read from the log.
 */
export interface Announcer {
  /** Announces the events of one room, in order, and waits for nothing. */
  announce(events: RoomEvent[]): void
  /** Waits until nothing is on its way. */
  close(): Promise<void>
}

export interface AnnouncerOptions {
  broadcast: Broadcast
  logger: Logger
  metrics?: Metrics
  /** How many events may be on their way; more are left to the fan-out. */
  maxWaiting: number
}

export function createAnnouncer({ broadcast, logger, metrics, maxWaiting }: AnnouncerOptions): Announcer {
  const running = new Set<Promise<void>>()
  let waiting = 0
  const count = createAnnouncerCounts(metrics, { waiting: () => waiting, limit: maxWaiting })

  return {
    announce(events) {
      const [first] = events
      if (!first) return
      if (waiting + events.length > maxWaiting) return count('left', events.length)
      waiting += events.length
      const announced = broadcast
        .publish(roomChannel(first.roomId), JSON.stringify(events))
        .then(
          () => count('announced', events.length),
          (error) => {
            count('left', events.length)
            logger.debug({ err: error, roomId: first.roomId }, 'events were not announced; the fan-out names them')
          },
        )
        .finally(() => {
          waiting -= events.length
          running.delete(announced)
        })
      running.add(announced)
    },
    async close() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
