import type { RoomKind } from './room-event.ts'

/** A room as its projected events have it. */
export interface Room {
  id: string
  kind: RoomKind
  name: string
  topic: string | null
  createdAt: number
  memberCount: number
  ownerCount: number
  /** The `seq` of the last event that went into this state. */
  projected: number
}
