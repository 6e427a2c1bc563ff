import type { Fault } from './faults.ts'
import { checkJoin } from './join-check.ts'
import { createPlacement } from './placement.ts'
import { createRestores, type Restores } from './restores.ts'
import type { SeenEvent } from './seen-event.ts'
import { createSenderCheck, type SenderCheckOptions } from './sender-check.ts'
import type { Sends } from './sends.ts'
import { checkSnapshot, fullSize, toSnapshot } from './snapshot-check.ts'
import { createViewerCheck, type ViewerCheckOptions } from './viewer-check.ts'

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
  /** The last place that it is known to have come to, also by a snapshot. */
  reached(): number
  /** Whether the subscription follows what is live. */
  isLive(): boolean
  /** Whether the subscription told that the viewer was removed. */
  isRemoved(): boolean
  /** Whether a restore may have undone what the viewer was told of their membership. */
  isRestored(): boolean
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
  /** How often it was reset. */
  resets: number
}

export interface ReaderRecordOptions extends SenderCheckOptions, Omit<ViewerCheckOptions, 'blame'> {
  sends: Sends
  /** Whether it followed from before the first send: then nothing may be missing. */
  whole: boolean
  restores?: Restores
}

/**
 * How long after a restore a reader may be reset again, in milliseconds: a stream that others share may for a moment give it once more
 * what is lost.
 */
const againWithin = 20_000

export function createReaderRecord(options: ReaderRecordOptions): ReaderRecord {
  const { name, room, sends, tally, whole, restores = createRestores() } = options
  /** The snapshots that took the place of what a restore took away: when, and at which place they began. */
  const resets: Reset[] = []
  let cursor: string | undefined
  let phase: 'opening' | 'live' = 'opening'
  let resumes = false
  let delivered = 0

  const blame = (fault: Fault, { type, message }: SeenEvent, why: string, count = 1) =>
    tally.blame(fault, `${message ? `"${message.text}" as ${message.seq}` : type}, to ${name}: ${why}`, count)
  const senders = createSenderCheck(options)
  const viewer = createViewerCheck({ ...options, blame })
  const placement = createPlacement({ room, blame })
  const take = (event: SeenEvent & { cursor: string; hasErrors: boolean }) => {
    delivered += 1
    cursor = event.cursor
    viewer.checkMembership(event, phase === 'live')
    if (event.type === 'MessageSent' && event.message) {
      senders.check(event.message, event, name)
      placement.takeMessage(event, event.message.seq)
    } else placement.takeOther(event)
  }
  const begin = (event: SeenEvent & { cursor: string }, messages: { seq: number; text: string }[]) => {
    if (cursor !== undefined && (resumes || phase === 'live')) {
      if (!event.reset) blame('wrong', event, 'it takes the place of what came before, and does not say so')
      if (resets.length >= restores.begun() && !restores.covers(performance.now(), againWithin))
        blame('resets', event, `its cursor was no older than ${placement.position()}`)
      resets.push({ at: performance.now(), from: messages.length < fullSize ? 0 : (messages[0]?.seq ?? 0) })
    }
    const isOrdered = messages.every(({ seq }, index) => index === 0 || seq > (messages[index - 1]?.seq ?? 0))
    if (!isOrdered) blame('outOfOrder', event, 'within a snapshot')
    const find = (text: string) => sends.find(room.room, text)
    for (const { text, seq } of messages) {
      if (find(text) === 0) blame('wrong', event, `nobody sent "${text}" (${seq}) in it`)
    }
    cursor = event.cursor
    placement.begin(toSnapshot(event, find), restores.begun() > 0)
    phase = 'live'
  }
  const catchUp = (event: SeenEvent) => {
    if (event.cursor !== cursor) blame('wrong', event, 'its cursor is not that of the event before it')
    viewer.caughtUp(placement.position())
    phase = 'live'
  }
  return {
    name,
    room: room.room,
    began(from) {
      resumes = from !== undefined
      phase = 'opening'
      viewer.began()
    },
    saw(event, hasErrors) {
      const { type, cursor: at } = event
      if (at === null) return
      viewer.checkSession(event)
      if (type === 'RoomSnapshot') begin({ ...event, cursor: at }, event.messages ?? [])
      else if (type === 'CaughtUp') catchUp(event)
      else take({ ...event, cursor: at, hasErrors })
    },
    cursor: () => cursor,
    position: placement.position,
    reached: placement.reached,
    isLive: () => phase === 'live',
    isRemoved: viewer.isRemoved,
    isRestored: viewer.isRestored,
    signedOut: viewer.signedOut,
    setInvited: viewer.setInvited,
    finish() {
      if (whole && resumes && phase !== 'live') tally.blame('withoutCaughtUp', name)
      for (const { snapshot, takenAt, at } of placement.snapshots()) {
        // Of what it showed, and of what followed it, the log may have lost something since.
        if (takenAt < restores.lastOver()) continue
        checkSnapshot(snapshot, room, name, tally)
        if (at !== undefined) checkJoin(snapshot, at, room, name, tally)
      }
      viewer.finish()
      if (whole) findLost({ ...options, restores }, resets, placement.has)
    },
    counts: () => ({
      delivered,
      withoutSender: senders.without(),
      removals: viewer.removals(),
      latest: viewer.latest(),
      resets: resets.length,
    }),
  }
}

interface Reset {
  at: number
  /** The place of the first message that it showed; 0 when it showed all. */
  from: number
}

/**
 * Blames each acknowledged message of the room that the reader has not got: without those that a restore may have taken away, and
 * those that the snapshot after it did not reach back to.
 */
function findLost(
  { name, room, sends, tally, restores }: ReaderRecordOptions & { restores: Restores },
  resets: Reset[],
  has: (seq: number, send?: number) => boolean,
): void {
  for (let send = 1; send <= sends.count(); send += 1) {
    const seq = sends.seqOf(send)
    if (seq === 0 || sends.roomOf(send) !== room.room || (restores.begun() === 0 ? has(seq) : has(seq, send))) continue
    const acknowledgedAt = sends.acknowledgedAt(send)
    if (restores.covers(acknowledgedAt)) continue
    // What lies before the snapshot was committed before it, unless the log went back again before the acknowledgement, which may be late.
    if (resets.some(({ at, from }) => seq < from && !restores.beganBetween(at, acknowledgedAt))) continue
    tally.blame('lost', `"${send}" as ${seq}, to ${name}`)
  }
}
