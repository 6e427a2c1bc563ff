import type { Fault } from './faults.ts'
import { type FinalLog, findFinalLog } from './final-log.ts'
import { printOf } from './numbers.ts'
import { createRestores, type Restores } from './restores.ts'
import type { SeenEvent } from './seen-event.ts'
import type { Sends } from './sends.ts'
import { createVersions } from './versions.ts'

/** What the readers of a room agree on: which event stands at which place. */
export interface RoomRecord {
  /** The room's number, and its id. */
  room: number
  roomId: string
  /**
   * Notes the event at its place, or holds it against what another reader got there. `before` is the version of the event that the
   * reader had before it. Gives the event's version, and what is wrong with it.
   */
  place(position: number, event: SeenEvent, before?: number): Placed
  /** The last place of the log that a reader got. */
  head(): number
  /** Whether a reader got an event at this place. */
  has(position: number): boolean
  /** The send at this place of the log as it is in the end; 0 for any other event, and where it cannot be told. */
  sendAt(position: number): number
  /** The sends that readers got at this place, whatever became of the log. */
  sendsAt(position: number): number[]
  /** Whether the send was acknowledged at this place, and a restore may be why no reader got it there as an event. */
  wasAcknowledgedAt(position: number, send: number): boolean
  /** Whether it can be told what stands at this place of the log in the end. */
  isSure(position: number): boolean
  isCursorAt(position: number, cursor: number): boolean
  /** Whether they were a member right after the event at this place; undefined when it cannot be told. */
  wasMember(userId: string, position: number): boolean | undefined
  /** How often somebody's membership ended. */
  removals(): number
}

export interface Placed {
  version?: number
  problem?: { fault: Fault; why: string }
}

export interface RoomRecordOptions {
  room: number
  roomId: string
  /** Who was a member before the first place that readers see. */
  members: string[]
  sends: Sends
  restores?: Restores
}

interface Change {
  position: number
  version: number
  userId: string
  isMember: boolean
}

export function createRoomRecord(options: RoomRecordOptions): RoomRecord {
  const { room, roomId, members, sends, restores = createRestores() } = options
  const versions = createVersions()
  const changes: Change[] = []
  let removals = 0
  let first = 0
  let last = { position: 0, version: 0 }
  let life = 0
  let final: FinalLog | undefined

  const add = (position: number, event: SeenEvent, content: number): Placed => {
    const { type, cursor, message, userId } = event
    const send = type === 'MessageSent' && message ? sends.find(room, message.text) : 0
    const version = versions.add(position, { content, cursor: printOf(cursor ?? ''), send })
    final = undefined
    first = first === 0 ? position : Math.min(first, position)
    // After a restore the log is shorter, and grows again.
    if (life !== restores.over()) last = { position: 0, version: 0 }
    life = restores.over()
    if (position > last.position) last = { position, version }
    if (userId !== undefined && (type === 'MemberJoined' || type === 'MemberLeft')) {
      changes.push({ position, version, userId, isMember: type === 'MemberJoined' })
      if (type === 'MemberLeft') removals += 1
    }
    if (type !== 'MessageSent' || !message) return { version }
    if (send === 0) return { version, problem: { fault: 'wrong', why: 'nobody sent it' } }
    // A send that a restore took away before it was acknowledged is repeated, and gets another place.
    const other = restores.begun() > 0 ? 0 : sends.found(send, position)
    return other === 0 ? { version } : { version, problem: { fault: 'twice', why: `it has the place ${other}, too` } }
  }
  const inTheEnd = () => {
    final ??= findFinalLog(versions, last, restores)
    return final
  }
  const all = (position: number) =>
    Array.from({ length: versions.count(position) }, (_, each) => versions.get(position, each))
  const isSure = (position: number) => inTheEnd().versionAt(position) !== undefined
  return {
    room,
    roomId,
    place(position, event, before) {
      const content = printOf(`${event.type} ${event.message?.id ?? event.userId ?? ''} ${event.message?.text ?? ''}`)
      const version = versions.find(position, printOf(event.cursor ?? ''))
      if (version !== undefined) {
        if (versions.get(position, version).content !== content)
          return { version, problem: { fault: 'wrong', why: 'another reader got something else there' } }
        if (before === undefined || versions.follows(position, version, before)) return { version }
        return { version, problem: { fault: 'lost', why: 'it does not follow the event that came before it' } }
      }
      if (versions.count(position) > restores.begun()) {
        const isSame = all(position).some((each) => each.content === content)
        const why = isSame ? 'another reader got another cursor' : 'another reader got something else there'
        return { problem: { fault: 'wrong', why } }
      }
      const placed = add(position, event, content)
      if (before !== undefined && placed.version !== undefined) versions.follows(position, placed.version, before)
      return placed
    },
    head: () => last.position,
    has: (position) => versions.count(position) > 0,
    sendAt(position) {
      const version = inTheEnd().versionAt(position)
      return version === undefined ? 0 : versions.get(position, version).send
    },
    wasAcknowledgedAt: (position, send) => restores.begun() > 0 && sends.seqOf(send) === position,
    sendsAt: (position) => all(position).flatMap(({ send }) => (send === 0 ? [] : [send])),
    isSure,
    isCursorAt: (position, cursor) => versions.find(position, cursor) !== undefined,
    wasMember(userId, position) {
      const log = inTheEnd()
      const change = changes
        .filter(
          (each) =>
            each.userId === userId && each.position <= position && log.versionAt(each.position) === each.version,
        )
        .reduce<Change | undefined>((one, other) => (one && one.position > other.position ? one : other), undefined)
      // What nobody got, because a snapshot took its place after a restore, may have changed it.
      if (restores.begun() > 0)
        for (let between = change?.position ?? first; between <= position; between += 1)
          if (!isSure(between)) return undefined
      return change?.isMember ?? members.includes(userId)
    },
    removals: () => removals,
  }
}
