import type { AnyBulkWriteOperation, UpdateFilter } from 'mongodb'
import { joinedMember, type RoomEvent } from '../../domain/room-event.ts'
import { type MemberDocument, memberId } from './documents.mongodb.ts'

/** The user whom the event makes a member or bans, and who may so be new to the room. */
export function newToRoom({ change }: RoomEvent): string | undefined {
  if (change.type === 'MemberJoined') return change.userId
  if (change.type === 'RoomUpdated') return change.ownerId
  return change.type === 'MemberLeft' && change.reason === 'BANNED' ? change.userId : undefined
}

/** Whether the room's counts may be others after the event. */
export const changesCounts = (event: RoomEvent) =>
  newToRoom(event) !== undefined || event.change.type === 'MemberLeft' || event.change.type === 'MemberChanged'

/** Somebody in the room of whom no event was applied yet. */
export const placeholder = (roomId: string, userId: string): MemberDocument => ({
  _id: memberId(roomId, userId),
  roomId,
  userId,
  banned: false,
  v: 0,
})

/** What the event changes of a user's place in the room. Nothing where that event, or a later one, was applied before. */
export function memberUpdates(event: RoomEvent): AnyBulkWriteOperation<MemberDocument>[] {
  const { change } = event
  switch (change.type) {
    case 'RoomUpdated':
      return change.ownerId === undefined ? [] : [joining(event)]
    case 'MemberJoined':
      return [joining(event)]
    case 'MemberLeft': {
      const $unset = { role: '', joinedAt: '', joinedSeq: '', readUpTo: '', readUpToId: '' } as const
      const $set = change.reason === 'BANNED' ? { banned: true } : {}
      return [update(event, change.userId, { $unset, $set })]
    }
    case 'MemberChanged':
      return [update(event, change.member.userId, { $set: { role: change.member.role } })]
    case 'ReadUpTo':
      return [update(event, change.userId, { $max: { readUpTo: change.upTo }, $set: { readUpToId: change.upToId } })]
    default:
      return []
  }
}

function joining(event: RoomEvent) {
  const { userId, role, joinedAt, joinedSeq, readUpTo } = joinedMember(event)
  const $set = { role, joinedAt, joinedSeq, readUpTo, banned: false }
  return update(event, userId, { $set, $unset: { readUpToId: '' } })
}

function update(
  { roomId, seq }: RoomEvent,
  userId: string,
  changes: UpdateFilter<MemberDocument>,
): AnyBulkWriteOperation<MemberDocument> {
  const filter = { _id: memberId(roomId, userId), v: { $lt: seq } }
  return { updateOne: { filter, update: { ...changes, $set: { ...changes.$set, v: seq } } } }
}
