import type { Tally } from './faults.ts'
import type { RoomRecord } from './room-record.ts'
import { lastSeqOf, type Snapshot } from './snapshot-check.ts'

/** How far off a join may be for the difference to be told. */
const range = 10

/** Holds the place where a snapshot stands, by the events that followed it, against the cursor that it told. */
export function checkJoin(given: Snapshot, place: number, room: RoomRecord, reader: string, tally: Tally): void {
  const last = lastSeqOf(given)
  for (let between = last + 1; between <= place; between += 1) {
    const send = room.sendAt(between)
    if (send && room.sendsAt(between).length === 1)
      tally.blame('lost', `"${send}" as ${between}, to ${reader}: neither in a snapshot nor after it`)
  }
  if (room.isCursorAt(place, given.cursor)) {
    if (last > place)
      tally.blame('twice', `${place + 1} to ${last}, to ${reader}: in a snapshot and after it`, last - place)
    return
  }
  for (let off = 1; off <= range; off += 1) {
    if (room.isCursorAt(place - off, given.cursor))
      tally.blame('holes', `after a snapshot at ${place - off}, to ${reader}`, off)
    if (room.isCursorAt(place + off, given.cursor))
      tally.blame('twice', `after a snapshot at ${place + off}, to ${reader}`, off)
  }
}
