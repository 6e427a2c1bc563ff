import { unavailable } from '../../../platform/errors/app-error.ts'
import { origin, type Position, positionOf } from '../domain/position.ts'
import type { Room } from '../domain/room.ts'
import type { ChatStore } from '../store/chat-store.ts'

const pageSize = 500

/** A room and the head of its log, up to which it is projected, and when the event at the head happened. */
export interface CaughtUpRoom {
  room: Room
  head: Position
  lastAt: number
}

/**
 * Finishes the room's projection up to the head of its log, and gives the room; undefined while it has no events. Throws `UNAVAILABLE`
 * when the state is ahead of the log: parts of the store are of different moments.
 */
export const catchUp = async (store: ChatStore, roomId: string): Promise<Room | undefined> =>
  (await catchUpToHead(store, roomId))?.room

/** The same, with the position and the time of the head. */
export async function catchUpToHead(store: ChatStore, roomId: string): Promise<CaughtUpRoom | undefined> {
  for (;;) {
    const [room] = await store.state.rooms([roomId])
    const projected = room?.projected ?? 0
    // From the last projected event on: the head is known with its id, at no extra round trip.
    const events = await store.log.read(roomId, Math.max(0, projected - 1), pageSize)
    const last = events[0]?.seq === projected ? events.shift() : undefined
    if (projected > 0 && !last) throw aheadOfLog(roomId, projected)
    if (events.length > 0) await store.state.project(events)
    else return room && { room, head: last ? positionOf(last) : origin, lastAt: last?.at ?? 0 }
  }
}

const aheadOfLog = (roomId: string, projected: number) =>
  Object.assign(unavailable('The room cannot be read right now. Try again.'), {
    cause: new Error(`Room ${roomId} is projected up to ${projected}, and its log does not have that event`),
  })
