import type { Filter } from 'mongodb'
import { toPage } from '../../../../platform/graphql/page.ts'
import { foldName } from '../../../../platform/text/fold-name.ts'
import type { RoomStateStore } from '../chat-store.ts'
import type { Collections } from './collections.mongodb.ts'
import {
  type JoinedDocument,
  type MemberDocument,
  memberId,
  type RoomDocument,
  toMembership,
  toMessage,
  toRoom,
} from './documents.mongodb.ts'
import { createProjection } from './project.mongodb.ts'

/** Who joined and has not left: the others have no number to compare. */
const isMember = { joinedSeq: { $gt: 0 } }

/**
 * The projected state. It is read without transactions: a room's members and messages may be ahead of its `projected` while another
 * process projects, but are never behind it. Commands on `inOneLife` reach no other server than those before them in the call. What is decided by those that are ahead is not committed: the log's head has moved.
 */
export function createRoomState(collections: Collections, inOneLife = collections): RoomStateStore {
  const { rooms, members, messages } = collections
  const roomsById = async (ids: string[]) => (await rooms.find({ _id: { $in: ids } }).toArray()).map(toRoom)
  const hasMessage = async (roomId: string, seq: { $gt: number } | { $lt: number }) =>
    (await messages.findOne({ roomId, seq }, { projection: { _id: 1 } })) !== null

  // A list has something before a page that begins after a key if it has an item at the key or before it.
  const anyMember = async (filter: Filter<MemberDocument>) =>
    (await members.findOne(filter, { projection: { _id: 1 } })) !== null

  return {
    project: createProjection(inOneLife),
    rooms: roomsById,
    async roomsOf(userId, { first, after }) {
      const { joinedAt, roomId } = after ?? { joinedAt: Number.MAX_SAFE_INTEGER, roomId: '' }
      const earlier = [{ joinedAt: { $lt: joinedAt } }, { joinedAt, roomId: { $lt: roomId } }]
      const options = { sort: { joinedAt: -1, roomId: -1 }, limit: first + 1 } as const
      const found = await members
        .find<JoinedDocument>({ userId, joinedAt: { $lte: joinedAt }, $or: earlier }, options)
        .toArray()
      const upTo = [{ joinedAt: { $gt: joinedAt } }, { joinedAt, roomId: { $gte: roomId } }]
      const hasPrevious = after !== undefined && (await anyMember({ userId, joinedAt: { $gte: joinedAt }, $or: upTo }))
      const { items, ...page } = toPage(found, first, hasPrevious)
      const known = new Map((await roomsById(items.map((item) => item.roomId))).map((room) => [room.id, room]))
      // A room whose first event is being projected has its member a moment before itself.
      const shown = items.flatMap((item) => {
        const room = known.get(item.roomId)
        return room ? { room, joinedAt: item.joinedAt } : []
      })
      return { items: shown, ...page }
    },
    async publicRooms(search, { first, after }) {
      const { name, roomId } = after ?? { name: '', roomId: '' }
      const key = foldName(name)
      // Apart, because a stand-in for MongoDB forgets a `$gte` that is beside a `$regex`.
      const prefix = { nameKey: { $regex: `^${escaped(foldName(search))}` } }
      const options = { sort: { nameKey: 1, _id: 1 } } as const
      const roomsAfter = (names: Filter<RoomDocument>[], limit: number) =>
        rooms.find({ kind: 'PUBLIC', $and: names }, { ...options, limit }).toArray()
      // Two ranges of the index: in one, the rooms of this name before the cursor would be read and left out again.
      const same = after ? await roomsAfter([prefix, { nameKey: key, _id: { $gt: roomId } }], first + 1) : []
      const missing = first + 1 - same.length
      const later = missing > 0 ? await roomsAfter([prefix, { nameKey: { $gt: key } }], missing) : []
      const firstRoom = after && (await rooms.findOne({ kind: 'PUBLIC', ...prefix }, options))
      const hasPrevious = firstRoom ? isUpTo(firstRoom, key, roomId) : false
      return toPage([...same, ...later].map(toRoom), first, hasPrevious)
    },
    async memberships(userId, roomIds) {
      const ids = roomIds.map((roomId) => memberId(roomId, userId))
      return (await members.find<JoinedDocument>({ _id: { $in: ids }, ...isMember }).toArray()).map(toMembership)
    },
    async membersAmong(roomId, userIds) {
      const ids = userIds.map((userId) => memberId(roomId, userId))
      // In one batch: the driver's own first one has 101 documents.
      const options = { batchSize: ids.length + 1 }
      return (await members.find<JoinedDocument>({ _id: { $in: ids }, ...isMember }, options).toArray()).map(
        toMembership,
      )
    },
    async withoutOwner(after, limit) {
      const orphaned = { ownerCount: 0, memberCount: { $gt: 0 }, _id: { $gt: after } }
      return (await rooms.find(orphaned, { sort: { _id: 1 }, limit }).toArray()).map(toRoom)
    },
    isBanned: async (roomId, userId) =>
      (await members.findOne({ _id: memberId(roomId, userId), banned: true }, { projection: { _id: 1 } })) !== null,
    async members(roomId, { first, after }) {
      const options = { sort: { joinedSeq: 1 }, limit: first + 1 } as const
      const found = await members.find<JoinedDocument>({ roomId, joinedSeq: { $gt: after ?? 0 } }, options).toArray()
      const hasPrevious = after !== undefined && (await anyMember({ roomId, joinedSeq: { $gt: 0, $lte: after } }))
      return toPage(found.map(toMembership), first, hasPrevious)
    },
    messagesById: async (ids) => (await messages.find({ _id: { $in: ids } }).toArray()).map(toMessage),
    async messages(roomId, { after = 0, before = Number.MAX_SAFE_INTEGER, take, count, texts = true }) {
      const options = { sort: { seq: take === 'first' ? 1 : -1 }, limit: count, ...projectionOf(texts) } as const
      const found = await messages.find({ roomId, seq: { $gt: after, $lt: before } }, options).toArray()
      const items = found.map(toMessage)
      if (take === 'last') items.reverse()
      const [hasNextPage, hasPreviousPage] = await Promise.all([
        hasMessage(roomId, { $gt: items.at(-1)?.seq ?? before - 1 }),
        hasMessage(roomId, { $lt: items[0]?.seq ?? after + 1 }),
      ])
      return { items, hasNextPage, hasPreviousPage }
    },
    async lastMessages(roomIds, { texts = true } = {}) {
      const last = (roomId: string) => messages.findOne({ roomId }, { sort: { seq: -1 }, ...projectionOf(texts) })
      const found = await forEachRoom(roomIds, last)
      return found.flatMap((document) => (document ? toMessage(document) : []))
    },
    async unread(userId, positions, newest) {
      const count = async ([roomId, after]: [string, number]) => {
        const scanned = [{ $match: { roomId, seq: { $gt: after } } }, { $sort: { seq: -1 } }, { $limit: newest }]
        const ofOthers = [{ $match: { senderId: { $ne: userId }, deletedAt: null } }, { $count: 'count' }]
        const [counted] = await messages.aggregate<{ count: number }>([...scanned, ...ofOthers]).toArray()
        return [roomId, counted?.count ?? 0] as const
      }
      return new Map(await forEachRoom([...positions], count))
    },
  }
}

/** How many rooms one operation asks about at a time: others need connections, too. */
const roomsAtOnce = 4

/** Asks about each room by itself, a few at a time. Returns the answers in the order of the rooms. */
async function forEachRoom<Room, Answer>(rooms: Room[], ask: (room: Room) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < rooms.length; at += roomsAtOnce)
    answers.push(...(await Promise.all(rooms.slice(at, at + roomsAtOnce).map(ask))))
  return answers
}

const projectionOf = (texts: boolean) => (texts ? {} : ({ projection: { text: 0 } } as const))

/** Whether the room is at the key or before it, by the bytes of the name, as MongoDB orders them. */
function isUpTo({ nameKey, _id }: RoomDocument, key: string, roomId: string): boolean {
  const order = Buffer.from(nameKey).compare(Buffer.from(key))
  return order < 0 || (order === 0 && _id <= roomId)
}

/** The text as a regular expression has it. With a backslash only: MongoDB then sees that it is a prefix, and uses the index. */
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
