import type { Tally } from './faults.ts'
import { createNumbers } from './numbers.ts'
import { createRestores, type Restores } from './restores.ts'

/** Every send, as its writer knows it. A send is a number, and that is its text. */
export interface Sends {
  /** Notes a send that begins now; gives its number. */
  begin(room: number, writer: number): number
  /** Notes the place that the acknowledgement told. */
  acknowledge(send: number, seq: number): void
  /** The send that a text stands for; 0 for a text that nobody sent to this room. */
  find(room: number, text: string): number
  roomOf(send: number): number
  writerOf(send: number): number
  /** The place that its acknowledgement told; 0 while there was none. */
  seqOf(send: number): number
  /** When it was acknowledged, as `performance.now()` tells it; 0 while it was not. */
  acknowledgedAt(send: number): number
  /** Notes where readers found it. Gives the other place where they had found it before; 0 when there is none. */
  found(send: number, position: number): number
  /** How many there are: their numbers are 1 up to this. */
  count(): number
  acknowledged(): number
  /** The last place of the room that was acknowledged since the last restore. */
  lastOf(room: number): number
}

export function createSends(tally: Tally, restores: Restores = createRestores()): Sends {
  const rooms = createNumbers(2)
  const writers = createNumbers(2)
  const seqs = createNumbers(4)
  const floors = createNumbers(4)
  const places = createNumbers(4)
  const times = createNumbers(4)
  /** How many restores were over when it began. */
  const lives = createNumbers(1)
  let last: number[] = []
  let life = 0
  let count = 0
  let acknowledged = 0
  /** After a restore places come again. */
  const forgetLost = () => {
    if (life === restores.over()) return
    life = restores.over()
    last = []
  }
  return {
    begin(room, writer) {
      forgetLost()
      count += 1
      lives.set(count, life)
      rooms.set(count, room)
      writers.set(count, writer)
      floors.set(count, last[room] ?? 0)
      return count
    },
    acknowledge(send, seq) {
      forgetLost()
      const room = rooms.get(send)
      const floor = floors.get(send)
      // What had been acknowledged before it began comes before it.
      if (seq <= floor && lives.get(send) === life && restores.begun() === restores.over())
        tally.blame('outOfOrder', `send ${send} acknowledged as ${seq}, when ${floor} had been before it began`)
      if (seqs.get(send) === 0) acknowledged += 1
      seqs.set(send, seq)
      times.set(send, Math.ceil(performance.now()))
      last[room] = Math.max(last[room] ?? 0, seq)
    },
    find(room, text) {
      const send = /^\d{1,9}$/.test(text) ? Number(text) : 0
      return send <= count && rooms.get(send) === room ? send : 0
    },
    roomOf: rooms.get,
    writerOf: writers.get,
    seqOf: seqs.get,
    acknowledgedAt: times.get,
    found(send, position) {
      const before = places.get(send)
      places.set(send, position)
      return before === position ? 0 : before
    },
    count: () => count,
    acknowledged: () => acknowledged,
    lastOf(room) {
      forgetLost()
      return last[room] ?? 0
    },
  }
}
