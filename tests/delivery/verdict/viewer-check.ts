import type { Fault, Tally } from './faults.ts'
import { createRestores, type Restores } from './restores.ts'
import type { RoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'

export interface ViewerCheckOptions {
  /** The reader's. */
  name: string
  viewerId: string
  room: RoomRecord
  tally: Tally
  /** How long after a sign-out events may still come, in milliseconds. */
  signOutGrace: number
  restores?: Restores
  blame(fault: Fault, event: SeenEvent, why: string): void
}

/** How long after a restore memberships and sessions may be others than their users were told, in milliseconds. */
const restoreGrace = 20_000

/** Whether a reader is told only what its viewer may see: as a member, and in a session that goes on. */
export function createViewerCheck(options: ViewerCheckOptions) {
  const { name, viewerId, room, tally, signOutGrace, restores = createRestores(), blame } = options
  const isRestored = () => restores.covers(performance.now(), restoreGrace)
  /** Where subscriptions caught up while the viewer was not to be let in. */
  const admissions: number[] = []
  let isInvited = true
  let isRemoved = false
  let removals = 0
  let signedOutAt: number | undefined
  let latest = 0
  return {
    began() {
      isRemoved = false
    },
    /** Anything came. */
    checkSession(event: SeenEvent) {
      // What happened before the sign-out may come late; the clock of the process that wrote the event may be ahead.
      const late = signedOutAt === undefined ? 0 : Math.min(Date.parse(event.at), Date.now()) - signedOutAt
      if (late > signOutGrace && !isRestored()) blame('afterSignOut', event, `${late} ms after the session had ended`)
      latest = Math.max(latest, late)
    },
    /** An event of the log came. What is replayed may tell of earlier removals. */
    checkMembership(event: SeenEvent, isLive: boolean) {
      if (isRemoved) blame('afterRemoval', event, 'its viewer was removed before')
      if (event.type !== 'MemberLeft' || event.userId !== viewerId || !isLive) return
      isRemoved = true
      removals += 1
    },
    /** The subscription has caught up with this place; 0 when it is not known. */
    caughtUp(position: number) {
      if (position > 0 && !isInvited && !isRestored()) admissions.push(position)
    },
    setInvited(invited: boolean) {
      isInvited = invited
    },
    signedOut(at?: number) {
      signedOutAt = at
    },
    isRemoved: () => isRemoved,
    /** Whether a restore may have undone what the viewer was told of their membership. */
    isRestored,
    removals: () => removals,
    /** How long after a sign-out an event happened that still came, in milliseconds. */
    latest: () => latest,
    finish() {
      for (const at of admissions) {
        if (room.wasMember(viewerId, at) === false) tally.blame('letIn', `${name} at ${at}: no member there`)
      }
    },
  }
}
