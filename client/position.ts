/** Where an event stands in its log, and what it says about the follower. */
export interface Place {
  /** The position after this event; null when the event is not in the log (typing, presence) and so is never replayed. */
  cursor: string | null
  /** `snapshot` and `caught-up` make the follower live; `reset` does as well, and makes what was there before worthless. */
  kind: 'event' | 'snapshot' | 'reset' | 'caught-up'
}

/** The place of an event of the graph, when `__typename` and `cursor` are selected (and `reset`, of a `RoomSnapshot`). */
export function placeOf(event: unknown): Place | undefined {
  if (typeof event !== 'object' || event === null) return undefined
  const { __typename, cursor, reset } = event as Record<string, unknown>
  if (typeof __typename !== 'string' || (typeof cursor !== 'string' && cursor !== null)) return undefined
  if (__typename === 'CaughtUp') return { cursor, kind: 'caught-up' }
  if (__typename === 'RoomSnapshot') return { cursor, kind: reset === true ? 'reset' : 'snapshot' }
  return { cursor, kind: 'event' }
}

/** How far a follower has come. */
export interface Position {
  /** What to resume after; null to start anew. */
  cursor(): string | null
  /** Moves there. False when it is a repeat: what has this cursor was given before. */
  take(place: Place): boolean
}

/** How many cursors are remembered: a server that goes further back than this is not seen through. */
const remembered = 1_000

/** Cursors are opaque: they can be compared, not ordered. So repeats are found, and holes cannot be. */
export function createPosition(after: string | null = null): Position {
  let cursor = after
  const given = new Set(after === null ? [] : [after])
  return {
    cursor: () => cursor,
    take(place) {
      // It has the cursor of the event before it, and is none itself: should that event come after it all the same, it is news.
      if (place.kind === 'caught-up') {
        cursor ??= place.cursor
        return true
      }
      if (place.kind === 'reset') {
        given.clear()
        cursor = null
      }
      if (place.cursor === null) return true
      if (given.has(place.cursor)) return false
      given.add(place.cursor)
      const [oldest] = given
      if (oldest !== undefined && given.size > remembered) given.delete(oldest)
      cursor = place.cursor
      return true
    },
  }
}
