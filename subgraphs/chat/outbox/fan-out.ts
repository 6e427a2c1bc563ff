import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Consumer, EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import { roomEventsTopic } from '../../../schema/events.ts'

/**
 * The broadcast channel of a room. Its payloads are JSON arrays of room events, in the order of the log: whole ones from whoever
 * committed them, and those of the event log. These are `named` only: they have no text, and may come long after the log went back and
 * lost them, so that nobody takes them in without asking the log.
 */
export const roomChannel = (roomId: string) => `room:${roomId}`

export interface FanOutOptions {
  eventLog: EventLog
  broadcast: Broadcast
  metrics?: Metrics
}

/** Spreads every room event to the nodes that listen to its room. Its place in the log moves on only after that. */
export function startFanOut({ eventLog, broadcast, metrics }: FanOutOptions): Promise<Consumer> {
  const count = metrics?.counter('parley_fan_out_events_total', 'Events that were spread to the nodes that listen', [])
  return eventLog.consume({
    topic: roomEventsTopic,
    group: 'fan-out',
    parse: readable,
    async handle(events) {
      const byRoom = Map.groupBy(events, ({ key }) => key)
      await Promise.all(
        [...byRoom].map(([roomId, ofRoom]) =>
          broadcast.publish(roomChannel(roomId), `[${ofRoom.map(({ value }) => named(value)).join(',')}]`),
        ),
      )
      count?.add({}, events.length)
    },
  })
}

/** The JSON object, with a mark. */
const named = (value: string) => `{"named":true,${value.trimStart().slice(1)}`

/** The event as it came, if the nodes that it is for can place it in its room. Throws when they cannot. */
function readable(event: LogEvent): LogEvent {
  const { roomId, seq } = Object(JSON.parse(event.value))
  if (typeof roomId !== 'string' || roomId !== event.key) throw new Error('its roomId is not its key')
  if (!Number.isSafeInteger(seq) || seq < 1) throw new Error('its seq is no positive integer')
  return event
}
