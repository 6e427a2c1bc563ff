import type { Room } from '../domain/room.ts'
import type { ChatStore } from '../store/chat-store.ts'

const pageSize = 500

/** Finishes the room's projection up to the head of its log, and gives the room; undefined while it has no events. */
export async function catchUp(store: ChatStore, roomId: string): Promise<Room | undefined> {
  for (;;) {
    const [room] = await store.state.rooms([roomId])
    const events = await store.log.read(roomId, room?.projected ?? 0, pageSize)
    if (events.length === 0) return room
    await store.state.project(events)
  }
}
