import type { Fault } from './faults.ts'
import { createNumbers } from './numbers.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'
import type { Snapshot } from './snapshot-check.ts'

export interface PlacementOptions {
  room: RoomRecord
  blame(fault: Fault, event: SeenEvent, why: string, count?: number): void
}

/** How far back a repeat of an event other than a message is told. */
const remembered = 500

/**
 * Where the events of a reader stand in the room's log. A message tells its place; between two, every event takes one. What comes
 * before the first message waits for it.
 */
export function createPlacement({ room, blame }: PlacementOptions) {
  const seen = createNumbers(1)
  const recent = new Set<string>()
  /** Snapshots and the places where, by what followed, they stand: what the log has up to there is known at the end. */
  const snapshots: { snapshot: Snapshot; at: number | undefined }[] = []
  let unplaced: SeenEvent[] = []
  let position = 0

  const place = (event: SeenEvent, at: number) => {
    position = at
    seen.set(at, 1)
    const problem = room.place(at, event)
    if (problem) blame(problem.fault, event, problem.why)
  }
  const placeFirst = (event: SeenEvent, seq: number) => {
    const start = seq - unplaced.length - 1
    const begun = snapshots.at(-1)
    if (begun) begun.at = start
    for (const [index, early] of unplaced.entries()) place(early, start + index + 1)
    unplaced = []
    place(event, seq)
  }
  return {
    /** It begins anew, after a snapshot. */
    begin(given: Snapshot) {
      position = 0
      unplaced = []
      snapshots.push({ snapshot: given, at: undefined })
    },
    takeMessage(event: SeenEvent, seq: number) {
      if (position === 0) return placeFirst(event, seq)
      if (seq > position) {
        if (seq > position + 1) blame('holes', event, `it follows ${position}`, seq - position - 1)
        return place(event, seq)
      }
      blame(seen.get(seq) ? 'twice' : 'outOfOrder', event, `after ${position}`)
      seen.set(seq, 1)
    },
    takeOther(event: SeenEvent & { cursor: string }) {
      if (recent.has(event.cursor)) return blame('twice', event, `after ${position}`)
      recent.add(event.cursor)
      if (recent.size > remembered) recent.delete(recent.values().next().value ?? '')
      if (position === 0) unplaced.push(event)
      else place(event, position + 1)
    },
    /** The place of the last event; 0 while it is not known. */
    position: () => position,
    /** Whether the event at this place came. */
    has: (seq: number) => seen.get(seq) === 1,
    snapshots: () => snapshots,
  }
}
