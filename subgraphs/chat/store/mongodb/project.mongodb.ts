import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import { idOf } from '../../domain/position.ts'
import { type RoomEvent, type RoomRole, sentMessage } from '../../domain/room-event.ts'
import { LogWentBack } from '../../log/went-back.ts'
import { type Collections, identity } from './collections.mongodb.ts'
import { roomFields, toMessageDocument } from './documents.mongodb.ts'
import { insertMissing } from './duplicates.mongodb.ts'
import { changesCounts, memberUpdates, newToRoom, placeholder } from './member-updates.mongodb.ts'
import { messageUpdates, scrubs } from './message-updates.mongodb.ts'

/**
 * Projects events without a transaction: from many processes at once, each of which may die or be held up between any two writes
 * and go on when others are far ahead. Every document keeps the number of the last event in it (`v`, the room's `projected`), no
 * write touches one that is as new as its event, and none is ever removed. So an event is applied once, to each document in order,
 * and the room's number moves when all that it stands for is done.
 */
export function createProjection(collections: Collections): (events: RoomEvent[]) => Promise<void> {
  const { roomLog, rooms, members, messages } = collections

  return async (events) => {
    const [given, last] = [events[0], events.at(-1)]
    if (!given || !last) return
    const { roomId } = given
    const [room, logged] = await Promise.all([
      rooms.findOne({ _id: roomId }, { projection: { projected: 1 } }),
      roomLog.findOne({ roomId, seq: last.seq }, { projection: identity }),
    ])
    // A log that went back since these were committed must not have a state with them.
    if (!logged || idOf(logged) !== idOf(last)) throw new LogWentBack(roomId)
    const fresh = eventsAfter(room?.projected ?? 0, events)
    if (fresh.length === 0) return

    const newcomers = new Set(fresh.flatMap((event) => newToRoom(event) ?? []))
    const sent = fresh.filter(({ change }) => change.type === 'MessageSent').map(sentMessage)
    await Promise.all([
      insertMissing(messages, sent.map(toMessageDocument)),
      insertMissing(
        members,
        [...newcomers].map((userId) => placeholder(roomId, userId)),
      ),
    ])
    await Promise.all([
      inOrder(members, fresh.flatMap(memberUpdates)),
      inOrder(messages, fresh.flatMap(messageUpdates)),
      inOrder(roomLog, fresh.flatMap(scrubs)),
    ])
    await moveRoom(collections, roomId, fresh)
  }
}

/** The events that follow the position. Throws when one is missing. */
function eventsAfter(projected: number, events: RoomEvent[]): RoomEvent[] {
  const fresh = events.filter(({ seq }) => seq > projected)
  for (const [index, { seq }] of fresh.entries()) {
    if (seq !== projected + index + 1) throw new Error(`Event ${seq} cannot be projected onto ${projected + index}`)
  }
  return fresh
}

async function inOrder<T extends Document>(
  collection: Collection<T>,
  operations: AnyBulkWriteOperation<T>[],
): Promise<void> {
  if (operations.length > 0) await collection.bulkWrite(operations)
}

/** Brings the room's own document to the last event, unless it is as far: the number moves last, so what it covers is done. */
async function moveRoom({ rooms, members }: Collections, roomId: string, fresh: RoomEvent[]): Promise<void> {
  const [first, last] = [fresh[0], fresh.at(-1)]
  if (!first || !last) return
  const updated = fresh.map(({ change }) => change).findLast((change) => change.type === 'RoomUpdated')
  const counts = fresh.some(changesCounts) ? await countMembers(members, roomId) : {}
  const changes = { ...(updated && roomFields(updated)), ...counts, projected: last.seq }
  if (first.seq === 1 && updated) {
    const made = { _id: roomId, ...roomFields(updated), createdAt: first.at, memberCount: 0, ownerCount: 0 }
    await insertMissing(rooms, [{ ...made, ...changes }])
  }
  await rooms.updateOne({ _id: roomId, projected: { $lt: last.seq } }, { $set: changes })
}

/**
 * The members as they are now, which may be ahead of the events that are applied here. By such counts nothing wrong is committed: an
 * append that was decided by them is refused, because the log's head has moved. Whoever applies the event that is ahead counts
 * after it, so that the last count is right.
 *
 * Read from the primary as it stands ('local'): after a failover a majority read may for a moment miss writes that a majority has,
 * and nobody would count again. What a rollback takes out of the count it takes out of the room as well, which was written later.
 */
async function countMembers(members: Collections['members'], roomId: string) {
  const roles = await members
    .aggregate<{ _id: RoomRole; count: number }>(
      [{ $match: { roomId, joinedSeq: { $gt: 0 } } }, { $group: { _id: '$role', count: { $sum: 1 } } }],
      { readConcern: { level: 'local' } },
    )
    .toArray()
  const count = (counted: typeof roles) => counted.reduce((sum, role) => sum + role.count, 0)
  return { memberCount: count(roles), ownerCount: count(roles.filter(({ _id }) => _id === 'OWNER')) }
}
