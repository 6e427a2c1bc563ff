import type { Fault, Tally } from './faults.ts'
import { checkJoin, toSnapshot } from './join-check.ts'
import { createPlacement } from './placement.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'
import { createSenderCheck, type SenderCheckOptions } from './sender-check.ts'
import type { Sends } from './sends.ts'

/** What one reader of a room got. It is held against the log as it comes, and kept in a byte an event. */
export interface ReaderRecord {
  name: string
  /** The number of the room. */
  room: number
  /** A subscription begins: from the cursor, or without one. */
  began(cursor: string | undefined): void
  saw(event: SeenEvent, hasErrors: boolean): void
  /** The cursor to resume with. */
  cursor(): string | undefined
  /** The place of the last event; 0 while it is not known. */
  position(): number
  /** Whether the subscription follows what is live. */
  isLive(): boolean
  /** Whether the subscription told that the viewer was removed. */
  isRemoved(): boolean
  /** The session ended just now, as its user was told; nothing: it has a new one. */
  signedOut(at?: number): void
  /**
   * Whether the viewer is a member, or was asked to be one again: a membership may be seen before the place where it began. Until it
   * is said otherwise, the viewer is.
   */
  setInvited(isInvited: boolean): void
  /** Holds the whole against what was acknowledged; once, when everything has come or patience has ended. */
  finish(): void
  counts(): ReaderCounts
}

export interface ReaderCounts {
  delivered: number
  /** Messages without their sender, by the part that was away. */
  withoutSender: Record<string, number>
  /** How often it was told of the removal of its viewer, as the last event. */
  removals: number
  /** How long after a sign-out an event happened that still came to its session, in milliseconds. */
  latest: number
}

export interface ReaderRecordOptions extends SenderCheckOptions {
  name: string
  viewerId: string
  room: RoomRecord
  sends: Sends
  tally: Tally
  /** Whether it followed from before the first send: then nothing may be missing. */
  whole: boolean
  /** How long after a sign-out events may still come, in milliseconds. */
  signOutGrace: number
}

export function createReaderRecord(options: ReaderRecordOptions): ReaderRecord {
  const { name, viewerId, room, sends, tally, whole, signOutGrace } = options
  const senders = createSenderCheck(options)
  /** Where subscriptions caught up while the viewer was not to be let in. */
  const admissions: number[] = []
  let cursor: string | undefined
  let phase: 'opening' | 'live' = 'opening'
  let resumes = false
  let removed = false
  let removals = 0
  let signedOutAt: number | undefined
  /** How long after a sign-out an event happened that still came, in milliseconds. */
  let latest = 0
  let isInvited = true
  let delivered = 0

  const blame = (fault: Fault, { type, message }: SeenEvent, why: string, count = 1) =>
    tally.blame(fault, `${message ? `"${message.text}" as ${message.seq}` : type}, to ${name}: ${why}`, count)
  const placement = createPlacement({ room, blame })
  const take = (event: SeenEvent & { cursor: string; hasErrors: boolean }) => {
    delivered += 1
    if (removed) blame('afterRemoval', event, 'its viewer was removed before')
    cursor = event.cursor
    if (event.type === 'MessageSent' && event.message) {
      senders.check(event.message, event, name)
      placement.takeMessage(event, event.message.seq)
    } else placement.takeOther(event)
  }
  const begin = (event: SeenEvent & { cursor: string }, messages: { seq: number; text: string }[]) => {
    if (resumes) blame('resets', event, `its cursor was no older than ${placement.position()}`)
    const isOrdered = messages.every(({ seq }, index) => index === 0 || seq > (messages[index - 1]?.seq ?? 0))
    if (!isOrdered) blame('outOfOrder', event, 'within a snapshot')
    for (const { text, seq } of messages) {
      if (sends.find(room.room, text) === 0) blame('wrong', event, `nobody sent "${text}" (${seq}) in it`)
    }
    cursor = event.cursor
    placement.begin(toSnapshot(event))
    phase = 'live'
  }
  const catchUp = (event: SeenEvent) => {
    if (event.cursor !== cursor) blame('wrong', event, 'its cursor is not that of the event before it')
    if (placement.position() > 0 && !isInvited) admissions.push(placement.position())
    phase = 'live'
  }
  const checkSession = (event: SeenEvent) => {
    const late = signedOutAt === undefined ? 0 : Date.parse(event.at) - signedOutAt
    if (late > signOutGrace) blame('afterSignOut', event, `${late} ms after the session had ended`)
    latest = Math.max(latest, late)
  }
  return {
    name,
    room: room.room,
    began(from) {
      resumes = from !== undefined
      phase = 'opening'
      removed = false
    },
    saw(event, hasErrors) {
      const { type, cursor: at } = event
      if (at === null) return
      const placed = { ...event, cursor: at, hasErrors }
      checkSession(event)
      if (type === 'RoomSnapshot') return begin(placed, event.messages ?? [])
      if (type === 'CaughtUp') return catchUp(event)
      take(placed)
      // What is replayed may tell of earlier removals.
      if (type !== 'MemberLeft' || event.userId !== viewerId || phase !== 'live') return
      removed = true
      removals += 1
    },
    cursor: () => cursor,
    position: placement.position,
    isLive: () => phase === 'live',
    isRemoved: () => removed,
    signedOut: (at) => {
      signedOutAt = at
    },
    setInvited: (invited) => {
      isInvited = invited
    },
    finish() {
      if (whole && resumes && phase !== 'live') tally.blame('withoutCaughtUp', name)
      for (const { snapshot, at } of placement.joins()) checkJoin(snapshot, at, room, name, tally)
      for (const at of admissions) {
        if (!room.wasMember(viewerId, at)) tally.blame('letIn', `${name} at ${at}: no member there`)
      }
      if (!whole) return
      for (let send = 1; send <= sends.count(); send += 1) {
        const seq = sends.seqOf(send)
        if (seq > 0 && sends.roomOf(send) === room.room && !placement.has(seq))
          tally.blame('lost', `"${send}" as ${seq}, to ${name}`)
      }
    },
    counts: () => ({ delivered, withoutSender: senders.without(), removals, latest }),
  }
}
