import type { EventLog } from '../../platform/events/event-log.ts'
import type { RoomEvent } from '../../subgraphs/chat/domain/room-event.ts'
import type { ChatStore } from '../../subgraphs/chat/store/chat-store.ts'

/** A store of chat's, the log that its events are published to, and the floor of both. */
export interface MeasuredStore {
  store: ChatStore
  eventLog: EventLog
  floor: InsertFloor
}

/** Inserts rows as they stand in a room's log into a table of the same columns and indexes: nothing asked before, nothing done after. */
export interface InsertFloor {
  /** Each of the inserts is a commit of its own. */
  insert(event: RoomEvent): Promise<void>
  close(): Promise<void>
}
