import { repeat } from '../../../platform/lifecycle/repeat.ts'
import type { Closable } from '../../../platform/lifecycle/resources.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { catchUp } from '../log/catch-up.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { measureRelay } from './outbox-metrics.ts'
import type { Publisher } from './publisher.ts'

export interface RelayLimits {
  /** How long an event may be unpublished before the relay takes it, in milliseconds. */
  patience: number
  /** How long the relay rests, in milliseconds. */
  interval: number
  /** How many events it takes at a time. */
  batch: number
}

export interface RelayOptions extends RelayLimits {
  store: ChatStore
  publisher: Publisher
  logger: Logger
  metrics?: Metrics
}

/** Finishes what a crash or a lost connection left half done: events that were committed but not projected or published. */
export async function startRelay(options: RelayOptions): Promise<Closable> {
  const { store, publisher, logger, metrics, patience, interval, batch } = options
  let found = 0
  if (metrics) measureRelay(metrics, () => found)

  /** A room that cannot be projected is left to whoever meets it next, so that no event waits for it. */
  const project = (roomId: string) =>
    catchUp(store, roomId).catch((error) => logger.warn({ err: error, roomId }, 'a room could not be projected'))

  const overdueOf = createOverdue(patience)
  let closing = false
  const finish = async () => {
    for (let seen = 0; !closing; ) {
      const events = await store.log.unpublished(batch)
      const overdue = overdueOf(events)
      seen += overdue.length
      found = seen
      for (const roomId of new Set(overdue.map((event) => event.roomId))) await project(roomId)
      if (overdue.length > 0) await publisher.publish(overdue)
      if (events.length < batch || overdue.length === 0) return
    }
  }
  const repeated = await repeat({ name: 'finish events', every: interval, task: finish, logger })
  return {
    async close() {
      closing = true
      await repeated.close()
    },
  }
}

/**
 * Which of the unpublished events have been so for too long. Their times are those of other processes' clocks: one that is behind makes
 * an event overdue too early, which costs a repeat that every consumer has to expect. One that is ahead must not keep an event back, so
 * whatever was here for as long by this process's own measure is overdue too.
 */
function createOverdue(patience: number): (events: RoomEvent[]) => RoomEvent[] {
  let firstSeen = new Map<string, number>()
  return (events) => {
    const now = performance.now()
    const stillHere = events.map(({ roomId, seq }) => `${roomId}:${seq}`)
    firstSeen = new Map(stillHere.map((place) => [place, firstSeen.get(place) ?? now]))
    return events.filter(
      ({ at }, index) => at < Date.now() - patience || (firstSeen.get(stillHere[index] ?? '') ?? now) <= now - patience,
    )
  }
}
