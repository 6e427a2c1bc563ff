import type { Appended, RoomLogStore } from '../chat-store.ts'
import { type Collections, uniqueInLog } from './collections.mongodb.ts'
import { toEvent, toLogDocument } from './documents.mongodb.ts'
import { duplicatesOf } from './duplicates.mongodb.ts'

/**
 * The log in one collection. An insert is the commit and puts the event into the outbox at once. It is ordered, so whatever ends it
 * early (a taken number, a lost connection, a deadline), what went in is a prefix, in the log and pending like any other event.
 */
export function createRoomLog({ roomLog }: Collections): RoomLogStore {
  return {
    async append(roomId, head, drafts) {
      // The insert itself refuses a head that is too low, but not one that is too high: that would leave a hole before the drafts.
      // Events are never deleted, so a head that was found stays one.
      const isThere = head === 0 || (await roomLog.findOne({ roomId, seq: head }, { projection: { _id: 1 } }))
      if (!isThere) return { count: 0, stopped: 'head-moved' }
      if (drafts.length === 0) return { count: 0 }
      const documents = drafts.map((draft, index) => toLogDocument(roomId, head + index + 1, draft))
      return roomLog.insertMany(documents).then(() => ({ count: drafts.length }), appendedBefore)
    },
    async read(roomId, after, limit) {
      // In one batch: the driver's own first one has 101 documents.
      const options = { sort: { seq: 1 }, limit, batchSize: limit } as const
      return (await roomLog.find({ roomId, seq: { $gt: after } }, options).toArray()).map(toEvent)
    },
    async find(roomId, key) {
      const document = await roomLog.findOne({ roomId, key })
      return document ? toEvent(document) : undefined
    },
    async heads(roomIds) {
      // In this form MongoDB reads one index entry a room (DISTINCT_SCAN).
      const last = [
        { $match: { roomId: { $in: roomIds } } },
        { $sort: { roomId: -1, seq: -1 } },
        { $group: { _id: '$roomId', seq: { $first: '$seq' } } },
      ]
      // One round trip, because a batch that is not full is the last.
      const options = { batchSize: roomIds.length + 1 }
      const heads = await roomLog.aggregate<{ _id: string; seq: number }>(last, options).toArray()
      return new Map(heads.map(({ _id, seq }) => [_id, seq]))
    },
    async unpublished(before, limit) {
      const options = { sort: { pendingAt: 1, roomId: 1, seq: 1 }, limit, batchSize: limit } as const
      return (await roomLog.find({ pendingAt: { $lt: before } }, options).toArray()).map(toEvent)
    },
    async markPublished(events) {
      const rooms = Map.groupBy(events, ({ roomId }) => roomId)
      if (rooms.size === 0) return
      const updates = [...rooms].map(([roomId, ofRoom]) => ({
        updateMany: {
          filter: { roomId, seq: { $in: ofRoom.map(({ seq }) => seq) } },
          update: { $unset: { pendingAt: '' as const } },
        },
      }))
      await roomLog.bulkWrite(updates, { ordered: false })
    },
  }
}

const reasons: Record<string, Appended['stopped']> = {
  [uniqueInLog.seq]: 'head-moved',
  [uniqueInLog.key]: 'key-taken',
}

/** What went in before the insert met a number or a key that is taken. Throws any other error on. */
function appendedBefore(error: unknown): Appended {
  const [duplicate] = duplicatesOf(error)
  const stopped = duplicate && reasons[duplicate.index]
  if (!stopped) throw error
  return { count: duplicate.position, stopped }
}
