import type { Message, RoomEvent, RoomRole } from '../domain/room-event.ts'
import { ownersOf, type RoomModel } from './room-model.ts'

const ranks: Record<RoomRole, number> = { OWNER: 2, MODERATOR: 1, MEMBER: 0 }

/** What is wrong with a room after an event: nothing, whatever door the event came through. */
export function violations(before: RoomModel, event: RoomEvent, after: RoomModel): string[] {
  const rules: Record<string, boolean> = {
    'numbers have no holes': event.seq === before.head + 1,
    'times do not go back': event.at >= before.lastAt,
    'a room with members has an owner': after.members.size === 0 || ownersOf(after).length > 0,
    'no member is banned': [...after.banned].every((userId) => !after.members.has(userId)),
    'roles are roles': [...after.members.values()].every(({ role }) => role in ranks),
    'nobody has read beyond the head': [...after.members.values()].every(({ readUpTo }) => (readUpTo ?? 0) < event.seq),
    'read positions do not go back': [...after.members.values()].every(({ userId, joinedSeq, readUpTo }) => {
      const earlier = before.members.get(userId)
      return earlier?.joinedSeq !== joinedSeq || (readUpTo ?? 0) >= (earlier.readUpTo ?? 0)
    }),
    'whoever did it was allowed to': isAllowed(before, event),
    'messages go forward only': goesForward(before, event),
  }
  return Object.keys(rules).filter((rule) => !rules[rule])
}

function isAllowed(before: RoomModel, { seq, actorId, change }: RoomEvent): boolean {
  const actor = before.members.get(actorId)
  const rank = actor ? ranks[actor.role] : -1
  switch (change.type) {
    case 'RoomUpdated':
      return seq === 1 || (rank >= ranks.MODERATOR && change.ownerId === undefined)
    case 'MemberJoined': {
      if (before.members.has(change.userId)) return false
      if (actorId !== change.userId)
        return rank >= ranks.MODERATOR && (change.role === 'MEMBER' || rank === ranks.OWNER)
      const expected = before.members.size === 0 ? 'OWNER' : 'MEMBER'
      return before.kind === 'PUBLIC' && !before.banned.has(actorId) && change.role === expected
    }
    case 'MemberLeft': {
      const target = before.members.get(change.userId)
      if (change.reason === 'LEFT') return actorId === change.userId && target !== undefined
      return rank >= ranks.MODERATOR && (target ? rank > ranks[target.role] : change.reason === 'BANNED')
    }
    case 'MemberChanged':
      return rank === ranks.OWNER && before.members.has(change.member.userId)
    case 'MessageDeleted': {
      const author = before.members.get(change.message.senderId)
      return rank >= 0 && (actorId === change.message.senderId || rank > ranks[author?.role ?? 'MEMBER'])
    }
    case 'MessageEdited':
      return rank >= 0 && actorId === change.message.senderId
    case 'MessageSent':
    case 'ReadUpTo':
      return rank >= 0
  }
}

/** A message keeps its place and its author, its times are in order, and a deleted one stays so. */
function goesForward(before: RoomModel, { seq, change }: RoomEvent): boolean {
  if (change.type !== 'MessageEdited' && change.type !== 'MessageDeleted') return true
  const { message } = change
  const earlier = before.messages.get(message.id)
  if (!earlier || earlier.deletedAt !== null || earlier.seq >= seq) return false
  const placeOf = ({ id, roomId, senderId, seq, clientMessageId, createdAt }: Message) =>
    JSON.stringify([id, roomId, senderId, seq, clientMessageId, createdAt])
  const times = [earlier.createdAt, earlier.editedAt, message.editedAt, message.deletedAt].filter(
    (time) => time !== null,
  )
  const inOrder = times.every((time, index) => time >= (times[index - 1] ?? 0))
  return placeOf(message) === placeOf(earlier) && inOrder && (message.deletedAt === null || message.text === '')
}
