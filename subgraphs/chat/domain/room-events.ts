import { forbidden, notFound } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { abortable } from '../../../platform/streams/abortable.ts'
import type { RoomFeed } from '../feeds/room-feed.ts'
import { catchUp } from '../log/catch-up.ts'
import type { Chat } from './chat.ts'
import { fromCursor } from './cursor.ts'
import type { Message, RoomEvent } from './room-event.ts'

/** What a subscriber gets: where it stands, or an event of the log. `seq` is the position after it. */
export type Delivery =
  | { type: 'RoomSnapshot'; roomId: string; seq: number; at: number; messages: Message[]; reset: boolean }
  | { type: 'CaughtUp'; roomId: string; seq: number; at: number }
  | RoomEvent

const snapshotSize = 100

/**
 * A room's events from a cursor on, or from a snapshot: history and what is live, without a gap or a repeat, because both are
 * read by position. Ends right after the event that ends the viewer's membership. Throws `NOT_FOUND`, `FORBIDDEN`.
 */
export async function followRoom(chat: Chat, viewer: Viewer, roomId: string, after: string | undefined) {
  const { userId } = signedIn(viewer)
  const room = await catchUp(chat.store, roomId)
  const [membership] = room ? await chat.store.state.memberships(userId, [roomId]) : []
  if (!room || (room.kind === 'PRIVATE' && !membership)) throw notFound('The room')
  if (!membership) throw forbidden('Only members of the room may follow it: join it first.')

  // What the viewer may see was decided at this position; from here on the log decides.
  const decidedAt = room.projected
  const start = after === undefined ? undefined : resumable(chat, roomId, after, decidedAt)
  return abortable<Delivery>(async function* (signal) {
    const { feed, release } = await chat.feeds.listen(roomId)
    feed.compare(decidedAt)
    try {
      if (start === undefined) {
        const { items } = await chat.store.state.messages(roomId, {
          before: decidedAt + 1,
          take: 'last',
          count: snapshotSize,
        })
        const reset = after !== undefined
        yield { type: 'RoomSnapshot', roomId, seq: decidedAt, at: Date.now(), messages: items, reset }
        yield* live(feed, decidedAt, signal, userId)
      } else {
        yield* replay(feed, start, decidedAt, signal)
        yield { type: 'CaughtUp', roomId, seq: decidedAt, at: Date.now() }
        yield* live(feed, decidedAt, signal, userId)
      }
    } finally {
      release()
    }
  })
}

/** The position to resume from; undefined when the cursor is none of this room's, or too far behind. */
function resumable({ maxReplay }: Chat, roomId: string, cursor: string, head: number): number | undefined {
  const position = fromCursor(roomId, cursor)
  if (position === undefined || position > head || head - position > maxReplay) return undefined
  return position
}

async function* replay(feed: RoomFeed, from: number, to: number, signal: AbortSignal): AsyncGenerator<RoomEvent, void> {
  for (let position = from; position < to; ) {
    for (const event of await feed.next(position, signal)) {
      if (event.seq > to) return
      yield event
      position = event.seq
    }
  }
}

async function* live(
  feed: RoomFeed,
  from: number,
  signal: AbortSignal,
  userId: string,
): AsyncGenerator<RoomEvent, void> {
  for (let position = from; ; ) {
    for (const event of await feed.next(position, signal)) {
      yield event
      if (event.change.type === 'MemberLeft' && event.change.userId === userId) return
      position = event.seq
    }
  }
}
