import type { FrameRing } from './frames.ts'

/** Frames that follow each other in a ring, to be written in one piece. */
export interface Piece {
  payloads: readonly Buffer[]
  /** The position after them. */
  end: number
  /** The last cursor in them; undefined when they have none. */
  cursor: string | undefined
  /** Who must see nothing after them. */
  remove: readonly string[]
}

/** About how many bytes a piece has at most: whether a client is congested is asked between two. */
const mostBytes = 16_000

/** Gives what follows a position of the ring. Made once for all listeners that stand there, as nearly all do. */
export function createPieces(ring: FrameRing) {
  let known: { start: number; head: number; piece: Piece | undefined } | undefined

  const make = (start: number): Piece | undefined => {
    const payloads: Buffer[] = []
    let [position, bytes] = [start, 0]
    let cursor: string | undefined
    for (let frame = ring.after(position); frame && bytes < mostBytes; frame = ring.after(position)) {
      payloads.push(frame.payload)
      bytes += frame.payload.length
      position += 1
      cursor = frame.cursor ?? cursor
      // It ends where somebody may.
      if (frame.remove.length > 0) return { payloads, end: position, cursor, remove: frame.remove }
    }
    return payloads.length > 0 ? { payloads, end: position, cursor, remove: [] } : undefined
  }
  return {
    after(position: number): Piece | undefined {
      const head = ring.head()
      if (known?.start !== position || known.head !== head) known = { start: position, head, piece: make(position) }
      return known.piece
    },
  }
}
