import { eventsOf, origin, type Position, positionOf } from '../domain/position.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** The same store, and the positions of what was appended through it. A number that nothing has gives a position that no log holds. */
export function recordPositions(store: ChatStore) {
  const known = new Map<string, Position>()
  const append: ChatStore['log']['append'] = async (roomId, head, drafts) => {
    const appended = await store.log.append(roomId, head, drafts)
    for (const event of eventsOf(roomId, head, drafts.slice(0, appended.count)))
      known.set(`${roomId}:${event.seq}`, positionOf(event))
    return appended
  }
  return {
    store: { ...store, log: { ...store.log, append } },
    positionAt: (roomId: string, seq: number): Position =>
      seq === 0 ? origin : (known.get(`${roomId}:${seq}`) ?? { seq, id: 'of-no-event' }),
  }
}
