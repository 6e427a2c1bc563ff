import { v7 as uuidv7 } from 'uuid'
import type { Arrivals } from '../feeds/arrivals.ts'
import type { RoomFeeds } from '../feeds/room-feeds.ts'
import type { RoomLog } from '../log/room-log.ts'
import type { ChatStore } from '../store/chat-store.ts'
import type { RoomChange } from './room-event.ts'

/** What the chat's functions work on. */
export interface Chat {
  store: ChatStore
  log: RoomLog
  feeds: RoomFeeds
  arrivals: Arrivals
  /** Resuming from further behind than this many events gives a fresh snapshot. */
  maxReplay: number
}

/** A draft by this user at this time. Without a key of its own, an event gets one that nothing else has. */
export const draft = (at: number, actorId: string, change: RoomChange, key: string = uuidv7()) => ({
  key,
  actorId,
  at,
  change,
})
