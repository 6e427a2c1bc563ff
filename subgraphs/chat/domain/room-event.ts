export type RoomKind = 'PUBLIC' | 'PRIVATE'
export type RoomRole = 'OWNER' | 'MODERATOR' | 'MEMBER'
export type LeaveReason = 'LEFT' | 'REMOVED' | 'BANNED'

/** A message as it stands. Times are milliseconds since 1970. */
export interface Message {
  id: string
  roomId: string
  senderId: string
  seq: number
  clientMessageId: string
  text: string
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}

/** A user's membership of a room. `joinedSeq` and `readUpTo` are positions in the room's log. */
export interface Membership {
  roomId: string
  userId: string
  role: RoomRole
  joinedAt: number
  joinedSeq: number
  readUpTo: number | null
  /** The id of the event at `readUpTo`. Missing where that was set by a release that did not keep it. */
  readUpToId?: string | undefined
}

/**
 * What an event changes. It holds all that a listener needs, so that delivering it reads nothing. A room's first event names its
 * owner, who is a member by it: a room cannot be without one, whatever dies when.
 */
export type RoomChange =
  | { type: 'RoomUpdated'; name: string; topic: string | null; kind: RoomKind; ownerId?: string }
  | { type: 'MemberJoined'; userId: string; role: RoomRole }
  | { type: 'MemberLeft'; userId: string; reason: LeaveReason }
  | { type: 'MemberChanged'; member: Membership }
  | { type: 'MessageSent'; messageId: string; clientMessageId: string; text: string }
  | { type: 'MessageEdited'; message: Message }
  | { type: 'MessageDeleted'; message: Message }
  | { type: 'ReadUpTo'; userId: string; upTo: number; upToId?: string }

/** An event that is not committed yet. `key` is unique in its room for ever. */
export interface Draft {
  key: string
  actorId: string
  at: number
  change: RoomChange
}

/**
 * An event of a room's log. `seq` counts 1, 2, 3 … without holes. `previous` is the id of the event before it (`''` for the first), and
 * undefined in events that were committed by releases that did not keep it.
 */
export interface RoomEvent extends Draft {
  roomId: string
  seq: number
  previous?: string | undefined
}

/** The key of a sent message: the same for every repeat of one send. */
export const sendKey = (actorId: string, clientMessageId: string) => `${actorId}:${clientMessageId}`

/** The message that a `MessageSent` event makes. */
export function sentMessage({ roomId, seq, actorId, at, change }: RoomEvent): Message {
  if (change.type !== 'MessageSent') throw new Error(`A ${change.type} event sends no message`)
  const { messageId, clientMessageId, text } = change
  return {
    id: messageId,
    roomId,
    senderId: actorId,
    seq,
    clientMessageId,
    text,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
  }
}

/** The membership that an event makes: of whoever joined, or of the owner of a new room. */
export function joinedMember({ roomId, seq, at, change }: RoomEvent): Membership {
  const member = { roomId, joinedAt: at, joinedSeq: seq, readUpTo: null }
  if (change.type === 'MemberJoined') return { ...member, userId: change.userId, role: change.role }
  if (change.type === 'RoomUpdated' && change.ownerId !== undefined)
    return { ...member, userId: change.ownerId, role: 'OWNER' }
  throw new Error(`A ${change.type} event makes no member`)
}

/** The id of the message that the event is about; undefined for other events. */
export function messageIdOf(change: RoomChange): string | undefined {
  if (change.type === 'MessageSent') return change.messageId
  if (change.type === 'MessageEdited' || change.type === 'MessageDeleted') return change.message.id
  return undefined
}

/** The id of the message whose earlier texts nothing may give any more after this change; undefined for other changes. */
export const redactedBy = (change: RoomChange): string | undefined =>
  change.type === 'MessageEdited' || change.type === 'MessageDeleted' ? change.message.id : undefined

/** Whether the change holds its message's text: the event log has events without. */
export function isWhole(change: RoomChange): boolean {
  const withText = change.type === 'MessageSent' ? change : 'message' in change ? change.message : undefined
  return withText === undefined || typeof withText.text === 'string'
}

/** The change without the message's text: what stays of earlier events once the message was edited or deleted. */
export function withoutText(change: RoomChange): RoomChange {
  if (change.type === 'MessageSent') return { ...change, text: '' }
  if (change.type === 'MessageEdited') return { ...change, message: { ...change.message, text: '' } }
  return change
}
