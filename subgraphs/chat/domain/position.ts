import type { Draft, RoomEvent } from './room-event.ts'

/**
 * A place in a room's log: the number of an event and its id. The id tells the event from any other that ever had that number: a
 * store that went back to an earlier state gives the numbers after it to other events.
 *
 * An event is appended once, after exactly the events before it. So a log that holds the event of a position holds the same events
 * before it, whatever happened to the log in between.
 */
export interface Position {
  seq: number
  id: string
}

/** Before the first event of any log. */
export const origin: Position = { seq: 0, id: '' }

/** What tells an event from all others: random, made by the server for each attempt to commit it, and never changed. */
export const idOf = ({ key, change }: Pick<Draft, 'key' | 'change'>): string =>
  change.type === 'MessageSent' ? change.messageId : key

export const positionOf = (event: RoomEvent): Position => ({ seq: event.seq, id: idOf(event) })

export const isSamePosition = (one: Position, other: Position) => one.seq === other.seq && one.id === other.id

/** Whether the event was appended right after this position. Events that were committed before releases with `previous` have their number only. */
export const isNext = ({ seq, previous }: RoomEvent, position: Position): boolean =>
  seq === position.seq + 1 && (previous === undefined || previous === position.id)

/** The drafts as the events that they become after this position. */
export function eventsOf(roomId: string, head: Position, drafts: Draft[]): RoomEvent[] {
  let { seq, id: previous } = head
  return drafts.map((draft) => {
    const event = { ...draft, roomId, seq: seq + 1, previous }
    seq += 1
    previous = idOf(draft)
    return event
  })
}
