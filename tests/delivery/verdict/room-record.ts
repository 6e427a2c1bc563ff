import type { Fault } from './faults.ts'
import { createNumbers, printOf } from './numbers.ts'
import type { SeenEvent } from './seen-event.ts'
import type { Sends } from './sends.ts'

/** What the readers of a room agree on: which event stands at which place. */
export interface RoomRecord {
  /** The room's number, and its id. */
  room: number
  roomId: string
  /** Notes the event at its place, or holds it against what another reader got there. Gives what is wrong with it. */
  place(position: number, event: SeenEvent): { fault: Fault; why: string } | undefined
  /** The last place that a reader got. */
  head(): number
  /** Whether a reader got the event at this place. */
  has(position: number): boolean
  /** The send at this place; 0 for any other event. */
  sendAt(position: number): number
  isCursorAt(position: number, cursor: number): boolean
  /** Whether they were a member right after the event at this place. */
  wasMember(userId: string, position: number): boolean
  /** How often somebody's membership ended. */
  removals(): number
}

export interface RoomRecordOptions {
  room: number
  roomId: string
  /** Who was a member before the first place that readers see. */
  members: string[]
  sends: Sends
}

export function createRoomRecord({ room, roomId, members, sends }: RoomRecordOptions): RoomRecord {
  const cursors = createNumbers(4)
  const contents = createNumbers(4)
  const sendsAt = createNumbers(4)
  const changes = new Map(members.map((userId) => [userId, [{ position: 0, isMember: true }]]))
  let removals = 0
  let head = 0

  const change = (userId: string, position: number, isMember: boolean) => {
    const ofUser = changes.get(userId) ?? []
    const index = ofUser.findLastIndex((each) => each.position < position)
    changes.set(userId, ofUser.toSpliced(index + 1, 0, { position, isMember }))
    if (!isMember) removals += 1
  }
  return {
    room,
    roomId,
    place(position, { type, cursor, message, userId }) {
      const content = printOf(`${type} ${message?.id ?? userId ?? ''} ${message?.text ?? ''}`)
      const place = printOf(cursor ?? '')
      const agreed = contents.get(position)
      if (agreed !== 0) {
        if (agreed !== content) return { fault: 'wrong', why: 'another reader got something else there' }
        return cursors.get(position) === place
          ? undefined
          : { fault: 'wrong', why: 'another reader got another cursor' }
      }
      head = Math.max(head, position)
      contents.set(position, content)
      cursors.set(position, place)
      if (userId !== undefined && (type === 'MemberJoined' || type === 'MemberLeft'))
        change(userId, position, type === 'MemberJoined')
      if (type !== 'MessageSent' || !message) return undefined
      const send = sends.find(room, message.text)
      if (send === 0) return { fault: 'wrong', why: 'nobody sent it' }
      sendsAt.set(position, send)
      const other = sends.found(send, position)
      return other === 0 ? undefined : { fault: 'twice', why: `it has the place ${other}, too` }
    },
    head: () => head,
    has: (position) => contents.get(position) !== 0,
    sendAt: sendsAt.get,
    isCursorAt: (position, cursor) => cursors.get(position) === cursor,
    wasMember: (userId, position) =>
      changes.get(userId)?.findLast((each) => each.position <= position)?.isMember ?? false,
    removals: () => removals,
  }
}
