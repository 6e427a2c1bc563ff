import type { Tally } from './faults.ts'
import { printOf } from './numbers.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'

/** A snapshot, as far as what followed it is held against it. */
export interface Snapshot {
  cursor: number
  /** Of its last message; 0 when it has none. */
  lastSeq: number
}

export const toSnapshot = ({ cursor, messages = [] }: SeenEvent): Snapshot => ({
  cursor: printOf(cursor ?? ''),
  lastSeq: messages.at(-1)?.seq ?? 0,
})

/** How far off a join may be for the difference to be told. */
const range = 10

/** Holds the place where a snapshot stands, by the events that followed it, against the cursor that it told. */
export function checkJoin(given: Snapshot, place: number, room: RoomRecord, reader: string, tally: Tally): void {
  for (let between = given.lastSeq + 1; between <= place; between += 1) {
    const send = room.sendAt(between)
    if (send) tally.blame('lost', `"${send}" as ${between}, to ${reader}: neither in a snapshot nor after it`)
  }
  if (room.isCursorAt(place, given.cursor)) return
  for (let off = 1; off <= range; off += 1) {
    if (room.isCursorAt(place - off, given.cursor))
      tally.blame('holes', `after a snapshot at ${place - off}, to ${reader}`, off)
    if (room.isCursorAt(place + off, given.cursor))
      tally.blame('twice', `after a snapshot at ${place + off}, to ${reader}`, off)
  }
}
