import type { Position } from '../domain/position.ts'
import type { Room } from '../domain/room.ts'
import type { Draft, Membership, RoomEvent } from '../domain/room-event.ts'

/** The room as it is at one position of its log. Rules are checked against it; what they allow is valid at that position only. */
export interface RoomAtHead {
  /** Undefined while the room has no events. */
  room: Room | undefined
  head: Position
  /** The time of an event that is decided now, in milliseconds since 1970: never before that of the event at the head. */
  now(): number
  member(userId: string): Promise<Membership | undefined>
  isBanned(userId: string): Promise<boolean>
}

/** Something to commit to a room. */
export interface Command {
  /** Who asks for it; undefined for the service itself. */
  userId?: string
  /** Checks the rules and gives what to append; nothing when there is nothing to change. Is asked again when the head moved. */
  decide(at: RoomAtHead): Promise<Draft[]> | Draft[]
  /** For a command that may be repeated: when its key was committed before, that event is the result, whatever the rules say now. */
  key?: string
  /** True for a single event that no rule depends on, such as a message: it may share an append with others. */
  batchable?: boolean
}

/** What was committed: the events in order, and whether an earlier command with the same key had already done it. */
export interface Committed {
  events: RoomEvent[]
  duplicate: boolean
}
