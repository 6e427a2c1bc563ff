import { eventsOf, idOf, type Position } from '../../domain/position.ts'
import type { RoomChange } from '../../domain/room-event.ts'
import type { Appended, RoomLogStore } from '../chat-store.ts'
import { type Collections, identity, uniqueInLog } from './collections.mongodb.ts'
import { toEvent, toLogDocument } from './documents.mongodb.ts'
import { duplicatesOf } from './duplicates.mongodb.ts'

export interface RoomLogOptions {
  /** The same collections, whose commands reach no other server than those before them in the call. */
  inOneLife?: Collections
  /** Whether the same call was made before, and its connection broke. */
  isRepeat?: boolean
}

/**
 * The log in one collection. An insert is the commit and puts the event into the outbox at once. It is ordered, so whatever ends it
 * early (a taken number, a lost connection, a deadline), what went in is a prefix, in the log and pending like any other event.
 *
 * A repeat, after a lost connection, first looks for what the attempt before it may have put in: that was the same append.
 */
export function createRoomLog(collections: Collections, options: RoomLogOptions = {}): RoomLogStore {
  const { roomLog } = collections
  const { inOneLife = collections, isRepeat = false } = options
  const isHead = async (roomId: string, head: Position) => {
    if (head.seq === 0) return true
    const last = await roomLog.findOne({ roomId, seq: head.seq }, { projection: identity })
    return last !== null && idOf(last) === head.id
  }
  /** How many of the documents stand in the log, from the first on. */
  const countOwn = async (documents: ReturnType<typeof toLogDocument>[]): Promise<number> => {
    const [{ roomId, seq } = { roomId: '', seq: 0 }] = documents
    const there = { roomId, seq: { $gte: seq, $lt: seq + documents.length } }
    const options = { projection: identity, sort: { seq: 1 }, batchSize: documents.length + 1 } as const
    const found = await roomLog.find(there, options).toArray()
    const other = documents.findIndex((document, index) => {
      const standing = found[index]
      return !standing || standing.seq !== document.seq || idOf(standing) !== idOf(document)
    })
    return other === -1 ? documents.length : other
  }
  return {
    async append(roomId, head, drafts) {
      // The insert itself refuses a head that is too low, but not one that is too high: that would leave a hole before the drafts.
      if (!(await isHead(roomId, head))) return { count: 0, stopped: 'head-moved' }
      if (drafts.length === 0) return { count: 0 }
      const documents = eventsOf(roomId, head, drafts).map(toLogDocument)
      const earlier = isRepeat ? await countOwn(documents) : 0
      // A part of them: the rest is decided again after it, as after an insert that ended early.
      if (earlier > 0) return { count: earlier }
      // Were the head of a log that went back since, the events would go in behind a hole.
      const inserted = inOneLife.roomLog.insertMany(documents)
      const appended = await inserted.then(() => ({ count: drafts.length }), appendedBefore)
      // What was on its way when the connection broke has come in between.
      const own = isRepeat && appended.count < drafts.length ? await countOwn(documents) : 0
      return own > 0 ? { count: own } : appended
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
      // In this form MongoDB reads one index entry and one document a room (DISTINCT_SCAN).
      const last = [
        { $match: { roomId: { $in: roomIds } } },
        { $sort: { roomId: -1, seq: -1 } },
        { $group: { _id: '$roomId', ...firstIdentity } },
      ]
      // One round trip, because a batch that is not full is the last.
      const options = { batchSize: roomIds.length + 1 }
      const heads = await roomLog.aggregate<Head>(last, options).toArray()
      return new Map(heads.map((head) => [head._id, headPosition(head)]))
    },
    async unpublished(limit) {
      const options = { sort: { pendingAt: 1, roomId: 1, seq: 1 }, limit, batchSize: limit } as const
      return (await roomLog.find({ pendingAt: { $exists: true } }, options).toArray()).map(toEvent)
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

/** The same of the last event of a group. */
const firstIdentity = {
  seq: { $first: '$seq' },
  key: { $first: '$key' },
  type: { $first: '$change.type' },
  messageId: { $first: '$change.messageId' },
}

/** The last event of a room, without what is not needed to tell its position. */
interface Head {
  _id: string
  seq: number
  key: string
  type: string
  messageId?: string
}

const headPosition = ({ seq, key, type, messageId }: Head): Position => ({
  seq,
  id: idOf({ key, change: { type, messageId } as RoomChange }),
})

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
