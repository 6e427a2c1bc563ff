import { foldName } from '../../../../platform/text/fold-name.ts'
import type { Room } from '../../domain/room.ts'
import {
  type Membership,
  type Message,
  messageIdOf,
  type RoomChange,
  type RoomEvent,
  type RoomKind,
  type RoomRole,
} from '../../domain/room-event.ts'

/** An event of a room's log. It is pending, and so found by the relay, until it loses `pendingAt`. */
export interface LogDocument {
  roomId: string
  seq: number
  key: string
  actorId: string
  at: number
  change: RoomChange
  messageId?: string
  /** The id of the event before it. */
  previous?: string | undefined
  pendingAt?: number
}

export interface RoomDocument {
  _id: string
  kind: RoomKind
  name: string
  nameKey: string
  topic: string | null
  createdAt: number
  memberCount: number
  ownerCount: number
  projected: number
}

/**
 * A user in a room, as a member while there is a `joinedSeq`; `v` is the number of the last event that changed the document. It stays
 * when they leave: without its `v`, an old event could make them a member again.
 */
export interface MemberDocument {
  _id: string
  roomId: string
  userId: string
  banned: boolean
  v: number
  role?: RoomRole
  joinedAt?: number
  joinedSeq?: number
  readUpTo?: number | null
  readUpToId?: string
}

/** The document of somebody who is a member. */
export type JoinedDocument = Required<Omit<MemberDocument, 'readUpToId'>> & Pick<MemberDocument, 'readUpToId'>

/** A message; `v` is the number of the last event that changed it. */
export interface MessageDocument extends Omit<Message, 'id'> {
  _id: string
  v: number
}

/** A user of whom chat was told, by id. */
export interface PersonDocument {
  _id: string
}

export const toLogDocument = ({ roomId, seq, key, actorId, at, change, previous }: RoomEvent): LogDocument => {
  const messageId = messageIdOf(change)
  const document = { roomId, seq, key, actorId, at, change, previous, pendingAt: at }
  return { ...document, ...(messageId !== undefined && { messageId }) }
}

export const toEvent = ({ roomId, seq, key, actorId, at, change, previous }: LogDocument): RoomEvent => ({
  roomId,
  seq,
  key,
  actorId,
  at,
  change,
  ...(previous !== undefined && { previous }),
})

export const roomFields = ({ kind, name, topic }: Pick<Room, 'kind' | 'name' | 'topic'>) => ({
  kind,
  name,
  nameKey: foldName(name),
  topic,
})

export const toRoom = ({ _id, nameKey: _, ...room }: RoomDocument): Room => ({ id: _id, ...room })

export const memberId = (roomId: string, userId: string) => `${roomId}:${userId}`

export const toMembership = ({ _id, v, banned, ...membership }: JoinedDocument): Membership => membership

export const toMessageDocument = ({ id, ...message }: Message): MessageDocument => ({
  _id: id,
  ...message,
  v: message.seq,
})

export const toMessage = ({ _id, v, ...message }: MessageDocument): Message => ({ id: _id, ...message })
