import { badInput, conflict, forbidden, notFound } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { abortable } from '../../../platform/streams/abortable.ts'
import type { RoomFeed } from '../feeds/room-feed.ts'
import type { Chat } from './chat.ts'
import { fromCursor } from './cursor.ts'
import type { Message, RoomEvent } from './room-event.ts'

/** What a subscriber gets: where it stands, or an event of the log. `seq` is the position after it. */
export type Delivery =
  | { type: 'RoomSnapshot'; roomId: string; seq: number; at: number; messages: Message[]; reset: boolean }
  | { type: 'CaughtUp'; roomId: string; seq: number; at: number }
  | RoomEvent

/** A delivery, and what it means for the others who follow the room. */
export interface Step {
  delivery: Delivery
  /** Whether it has caught up: what follows is the same for all members. */
  live: boolean
  /** Whose membership ends with it: what follows is not for this user, unless it is a replay that goes on. */
  removed?: string
}

/**
 * A room's events from a cursor on, or from a snapshot: history and what is live, without a gap or a repeat, because both are
 * read by position. Ends right after the event that ends the viewer's membership. Throws `NOT_FOUND`, `FORBIDDEN`.
 *
 * For everyone: the events alone, from a cursor on, and without an end. Also throws `BAD_USER_INPUT` without a cursor, and
 * `CONFLICT` for one that is unknown or too far behind.
 */
export const followRoom = async (chat: Chat, viewer: Viewer, roomId: string, after: string | undefined) =>
  viewer === 'everyone' ? followForEveryone(chat, roomId, after) : followAs(chat, viewer, roomId, after)

async function followAs(chat: Chat, viewer: Viewer, roomId: string, after: string | undefined) {
  const { userId } = signedIn(viewer)
  const { room, membership, snapshot } = await chat.arrivals.arrive(roomId, userId)
  if (!room || (room.kind === 'PRIVATE' && !membership)) throw notFound('The room')
  if (!membership) throw forbidden('Only members of the room may follow it: join it first.')

  // What the viewer may see was decided at this position; from here on the log decides.
  const decidedAt = room.projected
  const start = after === undefined ? undefined : resumable(chat, roomId, after, decidedAt)
  return onFeed(chat, roomId, decidedAt, async function* (eventsAfter) {
    if (start === undefined) {
      const messages = await snapshot()
      const reset = after !== undefined
      yield step({ type: 'RoomSnapshot', roomId, seq: decidedAt, at: Date.now(), messages, reset })
    } else {
      for await (const event of start < decidedAt ? eventsAfter(start) : []) {
        // A removal of the viewer in here was taken back: at its end the viewer is a member.
        yield step(event, false)
        if (event.seq === decidedAt) break
      }
      yield step({ type: 'CaughtUp', roomId, seq: decidedAt, at: Date.now() })
    }
    for await (const event of eventsAfter(decidedAt)) {
      yield step(event)
      if (removedBy(event) === userId) return
    }
  })
}

async function followForEveryone(chat: Chat, roomId: string, after: string | undefined) {
  if (after === undefined) throw badInput('after', 'is needed to follow a room for everyone')
  const { room } = await chat.arrivals.arrive(roomId)
  if (!room) throw notFound('The room')
  const head = room.projected
  const start = resumable(chat, roomId, after, head)
  if (start === undefined) throw conflict('The cursor is unknown, or too far behind.')
  return onFeed(chat, roomId, head, async function* (eventsAfter) {
    for await (const event of eventsAfter(start)) yield step(event, event.seq >= head)
  })
}

const step = (delivery: Delivery, live = true): Step => ({ delivery, live, removed: removedBy(delivery) })

const removedBy = (delivery: Delivery): string | undefined =>
  'change' in delivery && delivery.change.type === 'MemberLeft' ? delivery.change.userId : undefined

/** The position to resume from; undefined when the cursor is none of this room's, or too far behind. */
function resumable({ maxReplay }: Chat, roomId: string, cursor: string, head: number): number | undefined {
  const position = fromCursor(roomId, cursor)
  if (position === undefined || position > head || head - position > maxReplay) return undefined
  return position
}

type EventsAfter = (position: number) => AsyncGenerator<RoomEvent, void>

/** A stream on the room's feed, which knows of all events up to `head` and is released at its end. */
const onFeed = (
  chat: Chat,
  roomId: string,
  head: number,
  produce: (eventsAfter: EventsAfter) => AsyncGenerator<Step, void>,
) =>
  abortable<Step>(async function* (signal) {
    const { feed, release } = await chat.feeds.listen(roomId, head)
    try {
      // Whatever was edited or deleted up to there must not be given from what the feed still holds.
      await feed.reach(head, signal)
      yield* produce((position) => endless(feed, position, signal))
    } finally {
      release()
    }
  })

async function* endless(feed: RoomFeed, from: number, signal: AbortSignal): AsyncGenerator<RoomEvent, void> {
  for (let position = from; ; ) {
    for (const event of await feed.next(position, signal)) {
      yield event
      position = event.seq
    }
  }
}
