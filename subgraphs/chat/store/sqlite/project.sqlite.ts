import type { DatabaseSync } from 'node:sqlite'
import { foldName } from '../../../../platform/text/fold-name.ts'
import { joinedMember, type Membership, type RoomEvent, sentMessage, withoutText } from '../../domain/room-event.ts'
import { toEvent } from './room-log.sqlite.ts'

/** Applies one event to the tables. The caller sees to the order, and to doing it once. */
export function createProjection(database: DatabaseSync): (event: RoomEvent) => void {
  const upsertRoom = database.prepare(
    `INSERT INTO rooms (id, kind, name, name_key, topic, created_at, projected) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, name_key = excluded.name_key, topic = excluded.topic`,
  )
  const join = database.prepare(
    'INSERT OR REPLACE INTO members (room_id, user_id, role, joined_at, joined_seq) VALUES (?, ?, ?, ?, ?)',
  )
  const unban = database.prepare('DELETE FROM bans WHERE room_id = ? AND user_id = ?')
  const ban = database.prepare('INSERT OR IGNORE INTO bans VALUES (?, ?)')
  const leave = database.prepare('DELETE FROM members WHERE room_id = ? AND user_id = ?')
  const setRole = database.prepare('UPDATE members SET role = ? WHERE room_id = ? AND user_id = ?')
  const setRead = database.prepare(
    'UPDATE members SET read_up_to = ?, read_up_to_id = ? WHERE room_id = ? AND user_id = ? AND coalesce(read_up_to, 0) < ?',
  )
  const insertMessage = database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)')
  const setMessage = database.prepare('UPDATE messages SET text = ?, edited_at = ?, deleted_at = ? WHERE id = ?')
  const eventsOfMessage = database.prepare('SELECT * FROM room_log WHERE message_id = ? AND seq < ?')
  const setChange = database.prepare('UPDATE room_log SET change = ? WHERE room_id = ? AND seq = ?')

  const addMember = ({ roomId, userId, role, joinedAt, joinedSeq }: Membership) => {
    unban.run(roomId, userId)
    join.run(roomId, userId, role, joinedAt, joinedSeq)
  }

  return (event) => {
    const { roomId, seq, at, change } = event
    switch (change.type) {
      case 'RoomUpdated':
        upsertRoom.run(roomId, change.kind, change.name, foldName(change.name), change.topic, at, seq)
        if (change.ownerId !== undefined) addMember(joinedMember(event))
        return
      case 'MemberJoined':
        addMember(joinedMember(event))
        return
      case 'MemberLeft':
        leave.run(roomId, change.userId)
        if (change.reason === 'BANNED') ban.run(roomId, change.userId)
        return
      case 'MemberChanged':
        setRole.run(change.member.role, roomId, change.member.userId)
        return
      case 'MessageSent': {
        const { id, senderId, clientMessageId, text, createdAt } = sentMessage(event)
        insertMessage.run(id, roomId, seq, senderId, clientMessageId, text, createdAt)
        return
      }
      case 'MessageEdited':
      case 'MessageDeleted': {
        const { id, text, editedAt, deletedAt } = change.message
        setMessage.run(text, editedAt, deletedAt, id)
        for (const earlier of eventsOfMessage.all(id, seq).map(toEvent)) {
          setChange.run(JSON.stringify(withoutText(earlier.change)), earlier.roomId, earlier.seq)
        }
        return
      }
      case 'ReadUpTo':
        setRead.run(change.upTo, change.upToId ?? null, roomId, change.userId, change.upTo)
        return
      default:
        change satisfies never
    }
  }
}
