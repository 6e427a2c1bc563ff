import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { toPage } from '../../../../platform/graphql/page.ts'
import { repeatableTransaction } from '../../../../platform/storage/database.sqlite.ts'
import { foldName } from '../../../../platform/text/fold-name.ts'
import { endOfPrefix } from '../../../../platform/text/prefix-range.ts'
import { idOf } from '../../domain/position.ts'
import type { RoomEvent } from '../../domain/room-event.ts'
import { LogWentBack } from '../../log/went-back.ts'
import type { MessageRange, RoomStateStore } from '../chat-store.ts'
import { createProjection } from './project.sqlite.ts'
import { toEvent } from './room-log.sqlite.ts'
import { toMembership, toMessage, toRoom } from './room-rows.sqlite.ts'

const roomColumns = `rooms.*,
  (SELECT count(*) FROM members WHERE room_id = rooms.id) AS member_count,
  (SELECT count(*) FROM members WHERE room_id = rooms.id AND role = 'OWNER') AS owner_count`
/** A text can have 16 kB: to read it takes most of the time that a message takes. */
const columnsWithoutText = [
  'id',
  'room_id',
  'seq',
  'sender_id',
  'client_message_id',
  'created_at',
  'edited_at',
  'deleted_at',
]
  .map((column) => `messages.${column}`)
  .join(', ')
// Lists of ids go in as one JSON parameter, so that each statement is prepared once.
const idsIn = 'IN (SELECT value FROM json_each(?))'
/** In SQLite's order every text comes before every blob. */
const afterEveryText = new Uint8Array()

export function createRoomState(database: DatabaseSync): RoomStateStore {
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    return (...values: SQLInputValue[]) => statement.all(...values)
  }
  const apply = createProjection(database)
  const logged = database.prepare('SELECT * FROM room_log WHERE room_id = ? AND seq = ?')
  const isLogged = (event: RoomEvent) => {
    const row = logged.get(event.roomId, event.seq)
    return row !== undefined && idOf(toEvent(row)) === idOf(event)
  }
  const projectedOf = database.prepare('SELECT projected FROM rooms WHERE id = ?')
  const setProjected = database.prepare('UPDATE rooms SET projected = ? WHERE id = ?')
  const roomsById = prepare(`SELECT ${roomColumns} FROM rooms WHERE id ${idsIn}`)
  const roomsOfUser = prepare(
    `SELECT ${roomColumns}, mine.joined_at FROM members AS mine JOIN rooms ON rooms.id = mine.room_id
     WHERE mine.user_id = ? AND (mine.joined_at, mine.room_id) < (?, ?)
     ORDER BY mine.joined_at DESC, mine.room_id DESC LIMIT ?`,
  )
  // A list has something before a page that begins after a key if it has an item at the key or before it.
  const roomOfUserUpTo = prepare('SELECT 1 FROM members WHERE user_id = ? AND (joined_at, room_id) >= (?, ?) LIMIT 1')
  const publicRoomUpTo = prepare(
    `SELECT 1 FROM (SELECT name_key, id FROM rooms WHERE kind = 'PUBLIC' AND name_key >= ? AND name_key < ?
       ORDER BY name_key, id LIMIT 1) WHERE (name_key, id) <= (?, ?)`,
  )
  const memberUpTo = prepare('SELECT 1 FROM members WHERE room_id = ? AND joined_seq <= ? LIMIT 1')
  const publicRooms = prepare(
    `SELECT ${roomColumns} FROM rooms
     WHERE kind = 'PUBLIC' AND (name_key, id) > (?, ?) AND name_key < ?
     ORDER BY name_key, id LIMIT ?`,
  )
  const memberships = prepare(`SELECT * FROM members WHERE user_id = ? AND room_id ${idsIn}`)
  const membersAmong = prepare(`SELECT * FROM members WHERE room_id = ? AND user_id ${idsIn}`)
  const withoutOwner = prepare(
    `SELECT ${roomColumns} FROM rooms WHERE id > ?
     AND EXISTS (SELECT 1 FROM members WHERE room_id = rooms.id)
     AND NOT EXISTS (SELECT 1 FROM members WHERE room_id = rooms.id AND role = 'OWNER') ORDER BY id LIMIT ?`,
  )
  const bans = prepare('SELECT 1 FROM bans WHERE room_id = ? AND user_id = ?')
  const members = prepare('SELECT * FROM members WHERE room_id = ? AND joined_seq > ? ORDER BY joined_seq LIMIT ?')
  const messagesById = prepare(`SELECT * FROM messages WHERE id ${idsIn}`)
  const rangeOf = (columns: string) => {
    const inRange = `SELECT ${columns} FROM messages WHERE room_id = ? AND seq > ? AND seq < ? ORDER BY seq`
    return { first: prepare(`${inRange} LIMIT ?`), last: prepare(`${inRange} DESC LIMIT ?`) }
  }
  const [range, rangeWithoutTexts] = [rangeOf('*'), rangeOf(columnsWithoutText)]
  const messageAfter = prepare('SELECT 1 FROM messages WHERE room_id = ? AND seq > ? LIMIT 1')
  const messageBefore = prepare('SELECT 1 FROM messages WHERE room_id = ? AND seq < ? LIMIT 1')
  const lastOf = (columns: string) =>
    prepare(
      `SELECT ${columns} FROM json_each(?) AS asked JOIN messages ON messages.room_id = asked.value
       AND messages.seq = (SELECT max(seq) FROM messages WHERE room_id = asked.value)`,
    )
  const [lastMessages, lastMessagesWithoutTexts] = [lastOf('messages.*'), lastOf(columnsWithoutText)]
  const unread = database.prepare(
    `SELECT count(*) AS count FROM (
       SELECT sender_id, deleted_at FROM messages WHERE room_id = ? AND seq > ? ORDER BY seq DESC LIMIT ?)
     WHERE sender_id <> ? AND deleted_at IS NULL`,
  )

  return {
    async project(events) {
      // The log has the events, and their marks, which are cleared after this, bring the relay to finish it.
      repeatableTransaction(database, () => {
        const last = events.at(-1)
        // A log that went back since these were committed must not have a state with them.
        if (last && !isLogged(last)) throw new LogWentBack(last.roomId)
        for (const event of events) {
          const projected = Number(projectedOf.get(event.roomId)?.projected ?? 0)
          if (event.seq <= projected) continue
          if (event.seq > projected + 1) throw new Error(`Event ${event.seq} cannot be projected onto ${projected}`)
          apply(event)
          setProjected.run(event.seq, event.roomId)
        }
      })
    },
    rooms: async (ids) => roomsById(JSON.stringify(ids)).map(toRoom),
    async roomsOf(userId, { first, after }) {
      const key = after ?? { joinedAt: Number.MAX_SAFE_INTEGER, roomId: '' }
      const rows = roomsOfUser(userId, key.joinedAt, key.roomId, first + 1)
      const items = rows.map((row) => ({ room: toRoom(row), joinedAt: Number(row.joined_at) }))
      const hasPrevious = after !== undefined && roomOfUserUpTo(userId, after.joinedAt, after.roomId).length > 0
      return toPage(items, first, hasPrevious)
    },
    async publicRooms(search, { first, after }) {
      const prefix = foldName(search)
      const end = endOfPrefix(prefix) ?? afterEveryText
      const key = { name: foldName(after?.name ?? ''), roomId: after?.roomId ?? '' }
      // A cursor from before the range must not begin the scan there.
      const start = Buffer.from(key.name).compare(Buffer.from(prefix)) < 0 ? { name: prefix, roomId: '' } : key
      const rows = publicRooms(start.name, start.roomId, end, first + 1)
      const hasPrevious = after !== undefined && publicRoomUpTo(prefix, end, key.name, key.roomId).length > 0
      return toPage(rows.map(toRoom), first, hasPrevious)
    },
    memberships: async (userId, roomIds) => memberships(userId, JSON.stringify(roomIds)).map(toMembership),
    membersAmong: async (roomId, userIds) => membersAmong(roomId, JSON.stringify(userIds)).map(toMembership),
    withoutOwner: async (after, limit) => withoutOwner(after, limit).map(toRoom),
    isBanned: async (roomId, userId) => bans(roomId, userId).length > 0,
    async members(roomId, { first, after }) {
      const hasPrevious = after !== undefined && memberUpTo(roomId, after).length > 0
      return toPage(members(roomId, after ?? 0, first + 1).map(toMembership), first, hasPrevious)
    },
    messagesById: async (ids) => messagesById(JSON.stringify(ids)).map(toMessage),
    async messages(roomId, { after = 0, before = Number.MAX_SAFE_INTEGER, take, count, texts = true }: MessageRange) {
      const read = texts ? range : rangeWithoutTexts
      const items = read[take](roomId, after, before, count).map(toMessage)
      if (take === 'last') items.reverse()
      return {
        items,
        hasNextPage: messageAfter(roomId, items.at(-1)?.seq ?? before - 1).length > 0,
        hasPreviousPage: messageBefore(roomId, items[0]?.seq ?? after + 1).length > 0,
      }
    },
    lastMessages: async (roomIds, { texts = true } = {}) =>
      (texts ? lastMessages : lastMessagesWithoutTexts)(JSON.stringify(roomIds)).map(toMessage),
    async unread(userId, positions, newest) {
      const count = ([roomId, after]: [string, number]) =>
        [roomId, Number(unread.get(roomId, after, newest, userId)?.count)] as const
      return new Map([...positions].map(count))
    },
  }
}
