import { setTimeout as pause } from 'node:timers/promises'
import { AppError, badInput, conflict, forbidden, notFound, unavailable } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { abortable } from '../../../platform/streams/abortable.ts'
import type { Arrival, Snapshot } from '../feeds/arrivals.ts'
import type { ReplayTurns } from '../feeds/replay-turns.ts'
import type { RoomFeed } from '../feeds/room-feed.ts'
import { isHeld } from '../log/held-positions.ts'
import { LogWentBack } from '../log/went-back.ts'
import type { Chat } from './chat.ts'
import { fromCursor } from './cursor.ts'
import { isSamePosition, type Position, positionOf } from './position.ts'
import type { RoomEvent } from './room-event.ts'

/** What a subscriber gets: where it stands, or an event of the log. `position` is the one after it, and `seq` its number. */
export type Delivery =
  | ({ type: 'RoomSnapshot'; reset: boolean } & Snapshot & Standing)
  | ({ type: 'CaughtUp' } & Standing)
  | RoomEvent

interface Standing {
  roomId: string
  seq: number
  position: Position
  at: number
}

/** A delivery, and what it means for the others who follow the room. */
export interface Step {
  delivery: Delivery
  /** Whether it has caught up: what follows is the same for all members. After a reset that is known with the next event. */
  live: boolean
  /** Whose membership ends with it: what follows is not for this user, unless it is a replay that goes on. */
  removed?: string
}

/**
 * A room's events from a cursor on, or from a snapshot: history and what is live, without a gap or a repeat, because both are
 * read by position. Ends right after the event that ends the viewer's membership. When the log goes back to an earlier state meanwhile,
 * it begins anew with a snapshot that says `reset`. Throws `NOT_FOUND`, `FORBIDDEN`.
 *
 * For everyone: the events alone, from a cursor on; it ends only when the log goes back. Also throws `BAD_USER_INPUT` without a cursor,
 * and `CONFLICT` for one that is unknown, that the log does not hold, or that is too far behind.
 */
export const followRoom = async (chat: Chat, viewer: Viewer, roomId: string, after: string | undefined) =>
  viewer === 'everyone' ? followForEveryone(chat, roomId, after) : followAs(chat, viewer, roomId, after)

async function followAs(chat: Chat, viewer: Viewer, roomId: string, after: string | undefined) {
  const { userId } = signedIn(viewer)
  const arrival = await arriveAsMember(chat, userId, roomId)
  return abortable<Step>(async function* (signal) {
    const resumesAt = after === undefined ? undefined : fromCursor(roomId, after)
    let start: Start = { arrival, resumesAt, reset: after !== undefined }
    for (;;) {
      try {
        return yield* followFrom(chat, userId, roomId, start, signal)
      } catch (error) {
        if (!(error instanceof LogWentBack)) throw error
      }
      // Everybody who follows the room is here at the same time.
      await pause(Math.random() * longestSpread, undefined, { signal })
      const again = await arriveAsMember(chat, userId, roomId).catch(nothingIfNoMember)
      if (!again) return
      start = { arrival: again, resumesAt: undefined, reset: true }
    }
  })
}

/** In milliseconds. */
const longestSpread = 200

type MemberArrival = Awaited<ReturnType<typeof arriveAsMember>>

/** How a member begins to follow: after the position, if that is possible, or else with a snapshot, which says whether it resets. */
interface Start {
  arrival: MemberArrival
  resumesAt: Position | undefined
  reset: boolean
}

async function arriveAsMember(chat: Chat, userId: string, roomId: string) {
  const { room, head, lastAt, membership, snapshot } = await arriveAtWholeLog(chat, roomId, userId)
  if (!room || (room.kind === 'PRIVATE' && !membership)) throw notFound('The room')
  if (!membership) throw forbidden('Only members of the room may follow it: join it first.')
  return { head, lastAt, snapshot }
}

/** In milliseconds. The feed needs two comparisons of the heads to find out that a log went back. */
const longestDoubt = 5_000

/**
 * The room at the head of a log that is as long as this node's feed knows it to have been. While it is shorter, whoever began at
 * its head would be given what the feed still holds and the log has lost: the feed finds out soon that it is over, or the log is whole again.
 */
async function arriveAtWholeLog(chat: Chat, roomId: string, userId?: string): Promise<Arrival> {
  const giveUpAt = performance.now() + longestDoubt
  for (;;) {
    const known = chat.feeds.knownSeq(roomId)
    const arrival = await chat.arrivals.arrive(roomId, userId)
    if (arrival.head.seq >= known) return arrival
    if (performance.now() > giveUpAt) throw unavailable('The room cannot be read right now. Try again.')
    await pause(50 + Math.random() * longestSpread)
  }
}

/** A membership that the log no longer has ends like any other. */
function nothingIfNoMember(error: unknown): undefined {
  if (error instanceof AppError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN')) return
  throw error
}

/** Throws `LogWentBack` when the log goes back. */
async function* followFrom(
  chat: Chat,
  userId: string,
  roomId: string,
  { arrival, resumesAt, reset }: Start,
  signal: AbortSignal,
): AsyncGenerator<Step, void> {
  // What the viewer may see was decided at this position; from here on the log decides.
  const { head, lastAt, snapshot } = arrival
  const replay = { turns: chat.feeds.replayTurns, until: head.seq }
  const standing = () => ({ roomId, seq: head.seq, position: head, at: lastAt })
  const { feed, release } = await chat.feeds.listen(roomId, head)
  try {
    // Whatever was edited or deleted up to there must not be given from what the feed still holds.
    await feed.reach(head, signal)
    if (resumesAt && isNear(chat, resumesAt, head) && (await feed.holds(resumesAt, head))) {
      for await (const event of resumesAt.seq < head.seq ? endless(feed, resumesAt, signal, replay) : []) {
        const isLast = event.seq === head.seq
        if (isLast && !isSamePosition(positionOf(event), head)) throw new LogWentBack(roomId)
        // A removal of the viewer in here was taken back: at its end the viewer is a member.
        yield step(event, false)
        if (isLast) break
      }
      yield step({ type: 'CaughtUp', ...standing() })
    } else {
      // Others may still be given what the log has lost: whoever begins anew is not to join them before the next event.
      yield step({ type: 'RoomSnapshot', ...standing(), ...(await snapshot()), reset }, !reset)
    }
    for await (const event of endless(feed, head, signal)) {
      yield step(event)
      if (removedBy(event) === userId) return
    }
  } finally {
    release()
  }
}

async function followForEveryone(chat: Chat, roomId: string, after: string | undefined) {
  if (after === undefined) throw badInput('after', 'is needed to follow a room for everyone')
  const { room, head } = await arriveAtWholeLog(chat, roomId)
  if (!room) throw notFound('The room')
  const start = fromCursor(roomId, after)
  if (!start || !isNear(chat, start, head) || !(await isHeld(chat.store, roomId, start)))
    throw conflict('The cursor is unknown, or too far behind.')
  return abortable<Step>(async function* (signal) {
    const { feed, release } = await chat.feeds.listen(roomId, head)
    try {
      await feed.reach(head, signal)
      const replay = { turns: chat.feeds.replayTurns, until: head.seq }
      for await (const event of endless(feed, start, signal, replay)) yield step(event, event.seq >= head.seq)
    } catch (error) {
      // Whoever follows for others opens the stream again after its cursor, and is then told that it cannot go on from there.
      if (!(error instanceof LogWentBack)) throw error
    } finally {
      release()
    }
  })
}

const step = (delivery: Delivery, live = true): Step => ({ delivery, live, removed: removedBy(delivery) })

const removedBy = (delivery: Delivery): string | undefined =>
  'change' in delivery && delivery.change.type === 'MemberLeft' ? delivery.change.userId : undefined

/** Whether the position may be resumed from, if the log holds it: it is not too far behind. */
const isNear = ({ maxReplay }: Chat, { seq }: Position, head: Position) =>
  seq <= head.seq && head.seq - seq <= maxReplay

/** What comes after the position. Up to the end of the replay each step waits for its turn; what is live does not. */
async function* endless(
  feed: RoomFeed,
  from: Position,
  signal: AbortSignal,
  replay?: { turns: ReplayTurns; until: number },
): AsyncGenerator<RoomEvent, void> {
  for (let position = from; ; ) {
    if (replay && position.seq < replay.until) await replay.turns.next()
    for (const event of await feed.next(position, signal)) {
      yield event
      position = positionOf(event)
    }
  }
}
