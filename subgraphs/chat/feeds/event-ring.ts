import { isNext, origin, type Position, positionOf } from '../domain/position.ts'
import { messageIdOf, type RoomEvent, redactedBy, withoutText } from '../domain/room-event.ts'

/** The newest events of a room in one unbroken run, bounded in number and bytes. */
export interface EventRing {
  /** The position of the last event of the run. */
  head(): Position
  /** Adds the event that follows the head. */
  push(event: RoomEvent): void
  /** At most `limit` events after the number; undefined when the ring no longer reaches back to it. */
  after(seq: number, limit: number): RoomEvent[] | undefined
  /** The position with this number; undefined when the ring does not know it. */
  at(seq: number): Position | undefined
  /** The events, which come before its end, without the texts that an edit or a deletion in the ring has replaced. */
  redacted(events: RoomEvent[]): RoomEvent[]
  /** Drops the oldest events until the ring holds at most so many bytes. What an edit or a deletion among them has replaced stays known. */
  dropTo(bytes: number): void
  /** How many events it holds, and about how many bytes. */
  size(): { events: number; bytes: number }
}

export interface RingBounds {
  maxEvents: number
  /** The newest event stays in the ring, whatever it takes. */
  maxBytes: number
}

export function createEventRing(start: Position, { maxEvents, maxBytes }: RingBounds): EventRing {
  let entries: { event: RoomEvent; bytes: number }[] = []
  let head = start
  let bytes = 0
  /** The newest edit or deletion of a message among the last `maxEvents` events, the oldest first. The log may not be scrubbed of it yet. */
  const redactions = new Map<string, number>()
  const oldestSeq = () => entries[0]?.event.seq ?? head.seq + 1

  const redact = (event: RoomEvent): RoomEvent => {
    const redactedAt = redactions.get(messageIdOf(event.change) ?? '') ?? 0
    return event.seq < redactedAt ? { ...event, change: withoutText(event.change) } : event
  }
  const dropOldest = () => {
    const oldest = entries.shift()
    if (oldest) bytes -= oldest.bytes
  }
  const forgetRedactions = () => {
    for (const [messageId, seq] of redactions) {
      if (seq > head.seq - maxEvents) return
      redactions.delete(messageId)
    }
  }
  return {
    head: () => head,
    push(event) {
      if (!isNext(event, head)) throw new Error(`Event ${event.seq} does not follow ${head.seq} (${head.id})`)
      const messageId = redactedBy(event.change)
      if (messageId !== undefined) {
        // Whoever resumes from the ring must not be given what was replaced or deleted.
        redactions.delete(messageId)
        redactions.set(messageId, event.seq)
        entries = entries.map((entry) => ({ ...entry, event: redact(entry.event) }))
      }
      head = positionOf(event)
      const size = bytesOf(event)
      entries.push({ event, bytes: size })
      bytes += size
      while (entries.length > maxEvents || (bytes > maxBytes && entries.length > 1)) dropOldest()
      forgetRedactions()
    },
    after(seq, limit) {
      const from = seq + 1 - oldestSeq()
      return from < 0 ? undefined : entries.slice(from, from + limit).map(({ event }) => event)
    },
    at(seq) {
      if (seq === head.seq) return head
      if (seq === 0) return origin
      const entry = entries[seq - oldestSeq()]
      return entry && positionOf(entry.event)
    },
    redacted: (events) => events.map(redact),
    dropTo(most) {
      while (bytes > most) dropOldest()
    },
    size: () => ({ events: entries.length, bytes }),
  }
}

/** About the memory that an event takes: its texts, and some room for the rest. */
export function bytesOf({ change }: RoomEvent): number {
  const text = change.type === 'MessageSent' ? change.text : 'message' in change ? change.message.text : ''
  return 500 + 2 * text.length
}

/** As many of the events, from the first on, as fit in about so many bytes; the first in any case. */
export function firstWithin(maxBytes: number, events: RoomEvent[]): RoomEvent[] {
  let left = maxBytes
  const count = events.findIndex((event) => {
    left -= bytesOf(event)
    return left < 0
  })
  return count === -1 ? events : events.slice(0, Math.max(1, count))
}
