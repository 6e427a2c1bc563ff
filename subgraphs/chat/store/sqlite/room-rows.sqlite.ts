import type { Room } from '../../domain/room.ts'
import type { Membership, Message, RoomKind, RoomRole } from '../../domain/room-event.ts'

type Row = Record<string, unknown>

const numberOrNull = (value: unknown) => (value === null ? null : Number(value))

export const toRoom = (row: Row): Room => ({
  id: String(row.id),
  kind: row.kind as RoomKind,
  name: String(row.name),
  topic: row.topic === null ? null : String(row.topic),
  createdAt: Number(row.created_at),
  memberCount: Number(row.member_count),
  ownerCount: Number(row.owner_count),
  projected: Number(row.projected),
})

export const toMembership = (row: Row): Membership => ({
  roomId: String(row.room_id),
  userId: String(row.user_id),
  role: row.role as RoomRole,
  joinedAt: Number(row.joined_at),
  joinedSeq: Number(row.joined_seq),
  readUpTo: numberOrNull(row.read_up_to),
  ...(row.read_up_to_id !== null && { readUpToId: String(row.read_up_to_id) }),
})

/** Without a text when the row was read without it. */
export const toMessage = (row: Row): Message => ({
  id: String(row.id),
  roomId: String(row.room_id),
  senderId: String(row.sender_id),
  seq: Number(row.seq),
  clientMessageId: String(row.client_message_id),
  ...((row.text === undefined ? {} : { text: String(row.text) }) as { text: string }),
  createdAt: Number(row.created_at),
  editedAt: numberOrNull(row.edited_at),
  deletedAt: numberOrNull(row.deleted_at),
})
