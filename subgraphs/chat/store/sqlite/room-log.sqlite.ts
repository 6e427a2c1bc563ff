import type { DatabaseSync } from 'node:sqlite'
import { repeatableTransaction, transaction } from '../../../../platform/storage/database.sqlite.ts'
import { eventsOf, isSamePosition, origin, positionOf } from '../../domain/position.ts'
import { messageIdOf, type RoomEvent } from '../../domain/room-event.ts'
import type { RoomLogStore } from '../chat-store.ts'

type Row = Record<string, unknown>

export const toEvent = (row: Row): RoomEvent => ({
  roomId: String(row.room_id),
  seq: Number(row.seq),
  key: String(row.key),
  actorId: String(row.actor_id),
  at: Number(row.at),
  change: JSON.parse(String(row.change)),
  ...(row.previous !== null && { previous: String(row.previous) }),
})

export function createRoomLog(database: DatabaseSync): RoomLogStore {
  const head = database.prepare('SELECT * FROM room_log WHERE room_id = ? ORDER BY seq DESC LIMIT 1')
  const byKey = database.prepare('SELECT * FROM room_log WHERE room_id = ? AND key = ?')
  const insert = database.prepare(
    'INSERT INTO room_log (room_id, seq, key, actor_id, at, change, message_id, previous) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const after = database.prepare('SELECT * FROM room_log WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?')
  const pending = database.prepare('SELECT * FROM room_log WHERE pending = 1 ORDER BY at, room_id, seq LIMIT ?')
  const clear = database.prepare('UPDATE room_log SET pending = 0 WHERE room_id = ? AND seq = ?')
  const headOf = (roomId: string) => {
    const row = head.get(roomId)
    return row ? positionOf(toEvent(row)) : origin
  }

  return {
    append: async (roomId, expected, drafts) =>
      transaction(database, () => {
        if (!isSamePosition(headOf(roomId), expected)) return { count: 0, stopped: 'head-moved' as const }
        for (const [count, event] of eventsOf(roomId, expected, drafts).entries()) {
          const { seq, key, actorId, at, change, previous = null } = event
          if (byKey.get(roomId, key)) return { count, stopped: 'key-taken' as const }
          insert.run(roomId, seq, key, actorId, at, JSON.stringify(change), messageIdOf(change) ?? null, previous)
        }
        return { count: drafts.length }
      }),
    read: async (roomId, position, limit) => after.all(roomId, position, limit).map(toEvent),
    async find(roomId, key) {
      const row = byKey.get(roomId, key)
      return row && toEvent(row)
    },
    async heads(roomIds) {
      const heads = roomIds.map((roomId) => [roomId, headOf(roomId)] as const)
      return new Map(heads.filter(([, { seq }]) => seq > 0))
    },
    unpublished: async (limit) => pending.all(limit).map(toEvent),
    async markPublished(events) {
      repeatableTransaction(database, () => {
        for (const { roomId, seq } of events) clear.run(roomId, seq)
      })
    },
  }
}
