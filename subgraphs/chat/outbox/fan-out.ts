import type { Broadcast } from '../../../platform/events/broadcast.ts'
import type { Consumer, EventLog } from '../../../platform/events/event-log.ts'
import { roomEventsTopic } from '../../../schema/events.ts'

/** The broadcast channel of a room. Its payloads are JSON arrays of room events, in the order of the log. */
export const roomChannel = (roomId: string) => `room:${roomId}`

/** Spreads every room event to the nodes that listen to its room. Its place in the log moves on only after that. */
export function startFanOut({ eventLog, broadcast }: { eventLog: EventLog; broadcast: Broadcast }): Promise<Consumer> {
  return eventLog.consume({
    topic: roomEventsTopic,
    group: 'fan-out',
    async handle(events) {
      const byRoom = Map.groupBy(events, ({ key }) => key)
      await Promise.all(
        [...byRoom].map(([roomId, ofRoom]) =>
          broadcast.publish(roomChannel(roomId), `[${ofRoom.map(({ value }) => value).join(',')}]`),
        ),
      )
    },
  })
}
