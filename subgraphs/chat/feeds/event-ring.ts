import { messageIdOf, type RoomEvent, withoutText } from '../domain/room-event.ts'

/** The newest events of a room in one unbroken run, bounded in number and bytes. */
export interface EventRing {
  /** The last number of the run. */
  head(): number
  /** Adds the event that follows the head. */
  push(event: RoomEvent): void
  /** At most `limit` events after the position; undefined when the ring no longer reaches back to it. */
  after(position: number, limit: number): RoomEvent[] | undefined
  /** How many events it holds, and about how many bytes. */
  size(): { events: number; bytes: number }
}

export interface RingBounds {
  maxEvents: number
  /** The newest event stays in the ring, whatever it takes. */
  maxBytes: number
}

export function createEventRing(start: number, { maxEvents, maxBytes }: RingBounds): EventRing {
  let entries: { event: RoomEvent; bytes: number }[] = []
  let head = start
  let bytes = 0

  return {
    head: () => head,
    push(event) {
      if (event.seq !== head + 1) throw new Error(`Event ${event.seq} does not follow ${head}`)
      if (event.change.type === 'MessageDeleted') {
        // Whoever resumes from the ring must not be given what was deleted.
        const deleted = messageIdOf(event.change)
        entries = entries.map((entry) =>
          messageIdOf(entry.event.change) === deleted
            ? { ...entry, event: { ...entry.event, change: withoutText(entry.event.change) } }
            : entry,
        )
      }
      head = event.seq
      const size = bytesOf(event)
      entries.push({ event, bytes: size })
      bytes += size
      while (entries.length > maxEvents || (bytes > maxBytes && entries.length > 1))
        bytes -= entries.shift()?.bytes ?? 0
    },
    after(position, limit) {
      const oldest = entries[0]?.event.seq ?? head + 1
      if (position + 1 < oldest) return undefined
      const from = position + 1 - oldest
      return entries.slice(from, from + limit).map(({ event }) => event)
    },
    size: () => ({ events: entries.length, bytes }),
  }
}

/** About the memory that an event takes: its texts, and some room for the rest. */
export function bytesOf({ change }: RoomEvent): number {
  const text = change.type === 'MessageSent' ? change.text : 'message' in change ? change.message.text : ''
  return 500 + 2 * text.length
}
