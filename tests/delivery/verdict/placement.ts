import type { Fault } from './faults.ts'
import { createNumbers } from './numbers.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'
import { lastSeqOf, type Snapshot } from './snapshot-check.ts'

export interface PlacementOptions {
  room: RoomRecord
  blame(fault: Fault, event: SeenEvent, why: string, count?: number): void
}

/** Stands for an event that is no message. */
const noSend = 0xffffffff

/** How far back a repeat of an event other than a message is told. */
const remembered = 500

/**
 * Where the events of a reader stand in the room's log. A message tells its place; between two, every event takes one. What comes
 * before the first message waits for it.
 */
export function createPlacement({ room, blame }: PlacementOptions) {
  /** What came to each place: the number of its send and one more, or `noSend`. */
  const seen = createNumbers(4)
  const recent = new Set<string>()
  /** Snapshots and the places where, by what followed, they stand: what the log has up to there is known at the end. */
  const snapshots: { snapshot: Snapshot; takenAt: number; at: number | undefined }[] = []
  let unplaced: SeenEvent[] = []
  let position = 0
  /** The version of the event at the position. */
  let version: number | undefined

  const place = (event: SeenEvent, at: number) => {
    const placed = room.place(at, event, at === position + 1 ? version : undefined)
    position = at
    version = placed.version
    seen.set(at, event.message ? Number(event.message.text) + 1 : noSend)
    if (placed.problem) blame(placed.problem.fault, event, placed.problem.why)
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
    /** It begins anew, after a snapshot. What that shows may count as if it had come. */
    begin(given: Snapshot, countsAsSeen: boolean) {
      position = 0
      version = undefined
      if (countsAsSeen) {
        // What comes after it may have come before.
        recent.clear()
        for (const [index, seq] of given.seqs.entries()) seen.set(seq, (given.sends[index] ?? 0) + 1)
      }
      unplaced = []
      snapshots.push({ snapshot: given, takenAt: performance.now(), at: undefined })
    },
    takeMessage(event: SeenEvent, seq: number) {
      if (position === 0) return placeFirst(event, seq)
      if (seq > position) {
        if (seq > position + 1) blame('holes', event, `it follows ${position}`, seq - position - 1)
        return place(event, seq)
      }
      blame(seen.get(seq) ? 'twice' : 'outOfOrder', event, `after ${position}`)
      seen.set(seq, Number(event.message?.text) + 1)
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
    /** The last place that it is known to have come to: of the last event, or of the last message of the snapshot that it began with. */
    reached: () => position || Math.max(0, ...snapshots.slice(-1).map(({ snapshot }) => lastSeqOf(snapshot))),
    /** Whether the event at this place came; with a send: whether it was that. */
    has: (seq: number, send?: number) => (send === undefined ? seen.get(seq) !== 0 : seen.get(seq) === send + 1),
    snapshots: () => snapshots,
  }
}
