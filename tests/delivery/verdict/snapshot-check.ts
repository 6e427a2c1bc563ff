import type { Tally } from './faults.ts'
import { printOf } from './numbers.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'

/** A snapshot, as far as it is held against the room's log. */
export interface Snapshot {
  cursor: number
  /** The places of its messages, in their order. */
  seqs: Uint32Array
  /** The send that each of them is; 0 for a text that nobody sent. */
  sends: Uint32Array
}

/** `find` gives the send that a text stands for. */
export const toSnapshot = ({ cursor, messages = [] }: SeenEvent, find: (text: string) => number): Snapshot => ({
  cursor: printOf(cursor ?? ''),
  seqs: Uint32Array.from(messages, ({ seq }) => seq),
  sends: Uint32Array.from(messages, ({ text }) => find(text)),
})

/** The highest place of its messages; 0 when it has none. */
export const lastSeqOf = ({ seqs }: Snapshot): number => Math.max(0, ...seqs)

/** How many messages a snapshot has, unless the room has fewer. */
export const fullSize = 100

/**
 * Holds what a snapshot showed against what stands in the room's log up to its last message. Nobody here edits or deletes messages, so
 * a text stays what was sent. What nobody sent was told when it came.
 */
export function checkSnapshot(snapshot: Snapshot, room: RoomRecord, reader: string, tally: Tally): void {
  const { seqs, sends } = snapshot
  const shown = new Map(Array.from(seqs, (seq, index) => [seq, sends[index]]))
  const first = seqs.length < fullSize ? 1 : (seqs[0] ?? 1)
  const last = lastSeqOf(snapshot)
  for (let seq = first; seq <= last; seq += 1) {
    if (!room.has(seq)) continue
    if (!room.isSure(seq)) continue
    // What it shows may have been taken away by a restore since.
    const [sent, found] = [room.sendAt(seq), shown.get(seq)]
    const sends = room.sendsAt(seq)
    if (sent && found === undefined && sends.length === 1)
      tally.blame('lost', `"${sent}" as ${seq}, to ${reader}: left out of a snapshot`)
    // After a late restore all readers may have got it in snapshots alone.
    if (found && !sends.includes(found) && !room.wasAcknowledgedAt(seq, found))
      tally.blame('wrong', `"${found}" as ${seq}, to ${reader}: in a snapshot, where the log has "${sent}"`)
  }
}
