import type { Tally } from './faults.ts'
import type { RoomRecord } from './room-record.ts'
import type { Sends } from './sends.ts'

/** Holds the log that the readers of a room agree on against what its writers know, and against who was a member when. */
export function checkLog(record: RoomRecord, sends: Sends, writers: { userId: string }[], tally: Tally): void {
  for (let position = 1; position <= record.head(); position += 1) {
    const send = record.sendAt(position)
    if (send === 0) continue
    const acknowledged = sends.seqOf(send)
    if (acknowledged !== 0 && acknowledged !== position)
      tally.blame('wrong', `"${send}" as ${position}, in room ${record.room + 1}: acknowledged as ${acknowledged}`)
    const userId = writers[sends.writerOf(send)]?.userId ?? ''
    if (!record.wasMember(userId, position - 1))
      tally.blame('sentAfterRemoval', `"${send}" as ${position}, in room ${record.room + 1}`)
  }
}
