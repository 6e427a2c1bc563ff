import { forbidden, notFound } from '../../../platform/errors/app-error.ts'
import type { SignedInUser } from '../../../platform/identity/viewer.ts'
import type { RoomAtHead } from '../log/room-commands.ts'
import type { Room } from './room.ts'
import type { Membership, RoomRole } from './room-event.ts'

export interface InRoom {
  room: Room
  membership: Membership
}

/** The room, if the viewer may know of it: public, or the viewer's own. An unknown room and a hidden one are the same `NOT_FOUND`. */
export async function visibleRoom(at: RoomAtHead, viewer: SignedInUser): Promise<Room> {
  const { room } = at
  if (room && (room.kind === 'PUBLIC' || (await at.member(viewer.userId)))) return room
  throw notFound('The room')
}

/** The room and the viewer's membership. Throws `NOT_FOUND`, or `FORBIDDEN` in a public room that the viewer has not joined. */
export async function asMember(at: RoomAtHead, viewer: SignedInUser): Promise<InRoom> {
  const room = await visibleRoom(at, viewer)
  const membership = await at.member(viewer.userId)
  if (!membership) throw forbidden('Only members of the room may do that: join it first.')
  return { room, membership }
}

const ranks: Record<RoomRole, number> = { OWNER: 2, MODERATOR: 1, MEMBER: 0 }

export const outranks = (one: RoomRole, other: RoomRole) => ranks[one] > ranks[other]

/** The same as `asMember`, for what needs at least this role. */
export async function asAtLeast(role: RoomRole, at: RoomAtHead, viewer: SignedInUser): Promise<InRoom> {
  const found = await asMember(at, viewer)
  if (ranks[found.membership.role] < ranks[role])
    throw forbidden(`Only a room's ${role.toLowerCase()}s and above may do that.`)
  return found
}
