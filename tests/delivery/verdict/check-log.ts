import type { Tally } from './faults.ts'
import { createRestores, type Restores } from './restores.ts'
import type { RoomRecord } from './room-record.ts'
import type { Sends } from './sends.ts'

/** Holds the log that the readers of a room agree on against what its writers know, and against who was a member when. */
export function checkLog(
  record: RoomRecord,
  sends: Sends,
  writers: { userId: string }[],
  tally: Tally,
  restores: Restores = createRestores(),
): void {
  const places = new Map<number, number>()
  for (let position = 1; position <= record.head(); position += 1) {
    const send = record.sendAt(position)
    if (send === 0) continue
    const acknowledged = sends.seqOf(send)
    const other = places.get(send)
    places.set(send, position)
    if (other !== undefined && restores.begun() > 0)
      tally.blame('twice', `"${send}" as ${position}, in room ${record.room + 1}: it has the place ${other}, too`)
    // One whose acknowledgement was taken away by a restore is not sent again.
    if (acknowledged !== 0 && acknowledged !== position && !restores.covers(sends.acknowledgedAt(send)))
      tally.blame('wrong', `"${send}" as ${position}, in room ${record.room + 1}: acknowledged as ${acknowledged}`)
    const userId = writers[sends.writerOf(send)]?.userId ?? ''
    if (record.wasMember(userId, position - 1) === false)
      tally.blame('sentAfterRemoval', `"${send}" as ${position}, in room ${record.room + 1}`)
  }
}
