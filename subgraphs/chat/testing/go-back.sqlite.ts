import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Takes a room's log, and the state that was projected from it, back to the event with this number, as a restored backup does. */
export function goBack({ folder }: { folder: string }, roomId: string, seq: number): void {
  const database = new DatabaseSync(join(folder, 'chat.db'), { timeout: 5_000 })
  database.exec('BEGIN IMMEDIATE')
  for (const [table, position] of [
    ['room_log', 'seq'],
    ['messages', 'seq'],
    ['members', 'joined_seq'],
  ])
    database.prepare(`DELETE FROM ${table} WHERE room_id = ? AND ${position} > ?`).run(roomId, seq)
  database.prepare('UPDATE rooms SET projected = min(projected, ?) WHERE id = ?').run(seq, roomId)
  database.exec('COMMIT')
  database.close()
}
