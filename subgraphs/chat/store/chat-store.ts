import type { Page } from '../../../platform/graphql/page.ts'
import type { Answer } from '../../../platform/readiness/watch-dependencies.ts'
import type { Position } from '../domain/position.ts'
import type { Room } from '../domain/room.ts'
import type { Draft, Membership, Message, RoomEvent } from '../domain/room-event.ts'

/**
 * The rooms' logs, and the state that is projected from them.
 *
 * - **Order**: a room's events are numbered 1, 2, 3 … without holes; no two have one number or one key, for ever.
 * - **Identity**: an event keeps its id (`idOf`) and the id of its predecessor (`previous`) for ever, whatever is redacted in it.
 * - **Atomicity**: an event is there whole or not at all. `append` may stop early: what went in is always a prefix of the drafts.
 * - **Durability**: when `append` resolves, its events survive the death of this process and of the store.
 * - **Failure**: throws `UNAVAILABLE` when the storage cannot be reached; every call ends within seconds.
 * - **First**: a room's first event is a `RoomUpdated`; it makes the room, and the owner that it names a member.
 * - **Empty**: a room that was never appended to has head 0, no events and no state.
 */
export interface ChatStore {
  log: RoomLogStore
  state: RoomStateStore
  people: PeopleStore
  /** Whether it answers right now. Tells within about a second, and never throws. */
  ready(): Promise<Answer>
  close(): Promise<void>
}

export interface RoomLogStore {
  /** Appends the drafts after `head`, which must be the room's last event: a number that another event has now is not enough. */
  append(roomId: string, head: Position, drafts: Draft[]): Promise<Appended>
  /** At most `limit` events after the position, in order. */
  read(roomId: string, after: number, limit: number): Promise<RoomEvent[]>
  find(roomId: string, key: string): Promise<RoomEvent | undefined>
  /** The last event of each of these rooms; rooms without events are left out. */
  heads(roomIds: string[]): Promise<Map<string, Position>>
  /** At most `limit` events that are not marked published, the oldest first by their times. Every event starts unmarked. */
  unpublished(limit: number): Promise<RoomEvent[]>
  markPublished(events: Pick<RoomEvent, 'roomId' | 'seq'>[]): Promise<void>
}

/** The users of whom chat knows that they exist: those it was told of, and whoever was ever in a room. */
export interface PeopleStore {
  /** Adding somebody again is harmless. */
  add(userIds: string[]): Promise<void>
  isKnown(userId: string): Promise<boolean>
}

/** How many drafts went in, and why not all: the head had moved, or the next draft's key is already in the room's log. */
export interface Appended {
  count: number
  stopped?: 'head-moved' | 'key-taken'
}

export interface RoomStateStore {
  /**
   * Brings the state of one room forward by consecutive events. Doing it twice, or from two processes at once, is harmless.
   * The text of an edited or deleted message is taken out of its earlier events too: a text is in the log once, in the event that is
   * newest. Throws when events before the first are not projected yet, and `LogWentBack` when the log does not hold the last of them.
   */
  project(events: RoomEvent[]): Promise<void>
  rooms(ids: string[]): Promise<Room[]>
  /** The rooms of a user with when they joined, the last joined first. */
  roomsOf(userId: string, page: ForwardPage<RoomOfUserKey>): Promise<Page<{ room: Room; joinedAt: number }>>
  /** Public rooms whose name starts with the text (in any case), by name. */
  publicRooms(search: string, page: ForwardPage<PublicRoomKey>): Promise<Page<Room>>
  /** The user's memberships of these rooms. */
  memberships(userId: string, roomIds: string[]): Promise<Membership[]>
  /** The memberships of those of these users who are members of the room, in any order: one question, also for thousands. */
  membersAmong(roomId: string, userIds: string[]): Promise<Membership[]>
  /** At most `limit` rooms that have members and no owner, and whose ids come after this one, by id. Releases before a rule forbade it left some. */
  withoutOwner(after: string, limit: number): Promise<Room[]>
  isBanned(roomId: string, userId: string): Promise<boolean>
  /** The members of a room, the first joined first; the key is `joinedSeq`. */
  members(roomId: string, page: ForwardPage<number>): Promise<Page<Membership>>
  messagesById(ids: string[]): Promise<Message[]>
  /** Messages between two positions (both left out), in order: the first ones, or the last ones. */
  messages(roomId: string, range: MessageRange): Promise<Page<Message>>
  /** The newest message of each of these rooms. With `texts: false` the messages have no `text`. */
  lastMessages(roomIds: string[], options?: { texts?: boolean }): Promise<Message[]>
  /**
   * How many messages of others, without deleted ones, are among the `newest` last messages of each room that come after the position.
   * No more messages than that are read, whoever sent them.
   */
  unread(userId: string, positions: Map<string, number>, newest: number): Promise<Map<string, number>>
}

/** At most `first` items that come after the key. */
export interface ForwardPage<Key> {
  first: number
  after?: Key
}

export type RoomOfUserKey = { joinedAt: number; roomId: string }
export type PublicRoomKey = { name: string; roomId: string }

export interface MessageRange {
  after?: number
  before?: number
  take: 'first' | 'last'
  count: number
  /** False: the texts are not read, and the messages have no `text`. */
  texts?: boolean
}
