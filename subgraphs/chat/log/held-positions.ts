import { badInput } from '../../../platform/errors/app-error.ts'
import { isSamePosition, type Position, positionOf } from '../domain/position.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** Whether the room's log holds the event of the position. It does not after its store went back to before that event. */
export async function isHeld(store: ChatStore, roomId: string, position: Position): Promise<boolean> {
  if (position.seq === 0) return true
  const [event] = await store.log.read(roomId, position.seq - 1, 1)
  return event !== undefined && isSamePosition(positionOf(event), position)
}

/** Throws `BAD_USER_INPUT` for the first of the given fields whose position the room's log does not hold. */
export async function mustHold(
  store: ChatStore,
  roomId: string,
  positions: Record<string, Position | undefined>,
): Promise<void> {
  const given = Object.entries(positions).flatMap(([field, position]) => (position ? [{ field, position }] : []))
  const held = await Promise.all(given.map(({ position }) => isHeld(store, roomId, position)))
  const missing = given.find((_, index) => !held[index])
  if (missing) throw badInput(missing.field, 'is a cursor of an event that the room no longer has')
}
