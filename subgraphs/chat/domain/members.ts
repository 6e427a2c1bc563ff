import { conflict, forbidden, notFound } from '../../../platform/errors/app-error.ts'
import { type SignedInUser, signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { catchUp } from '../log/catch-up.ts'
import { mustHold } from '../log/held-positions.ts'
import type { RoomAtHead } from '../log/room-commands.ts'
import { awaitNewUser, mustBeKnown } from '../people/known-user.ts'
import { asAtLeast, asMember, type InRoom, outranks, visibleRoom } from './access.ts'
import { type Chat, draft } from './chat.ts'
import type { Position } from './position.ts'
import type { Membership, RoomRole } from './room-event.ts'

/**
 * Makes the viewer a member of a public room, and its owner when nobody is in it. Joining twice is harmless. Throws `NOT_FOUND`,
 * `FORBIDDEN` when banned.
 */
export async function joinRoom(chat: Chat, viewer: Viewer, roomId: string): Promise<void> {
  const user = signedIn(viewer)
  await chat.log.commit(roomId, {
    userId: user.userId,
    async decide(at) {
      const room = await visibleRoom(at, user)
      if (await at.member(user.userId)) return []
      if (await at.isBanned(user.userId)) throw forbidden('You are banned from the room.')
      const role = room.memberCount === 0 ? 'OWNER' : 'MEMBER'
      return [await joining(chat, at, user.userId, user.userId, role)]
    },
  })
}

/**
 * Ends the viewer's membership. A private room that its last member leaves is closed for ever. Throws `NOT_FOUND`, `FORBIDDEN`,
 * `CONFLICT` for the last owner while others remain.
 */
export async function leaveRoom(chat: Chat, viewer: Viewer, roomId: string): Promise<void> {
  const user = signedIn(viewer)
  await chat.log.commit(roomId, {
    userId: user.userId,
    async decide(at) {
      const { room, membership } = await asMember(at, user)
      const others = room.memberCount > 1
      if (others && isLastOwner({ room, membership }))
        throw conflict('You are the only owner: give another member the role OWNER first.')
      return [draft(at.now(), user.userId, { type: 'MemberLeft', userId: user.userId, reason: 'LEFT' })]
    },
  })
}

/**
 * Adds a user, or takes back a ban. Adding a member again changes nothing. Throws `NOT_FOUND`, also when nobody has the id, `FORBIDDEN`,
 * and `UNAVAILABLE` when the account may be too new to be known.
 */
export async function addMember(
  chat: Chat,
  viewer: Viewer,
  roomId: string,
  userId: string,
  role: RoomRole,
): Promise<Membership> {
  const user = signedIn(viewer)
  await awaitNewUser(chat.store, userId)
  return memberAfter(chat, user, roomId, userId, async (at) => {
    const { membership } = await asAtLeast('MODERATOR', at, user)
    if (role !== 'MEMBER' && membership.role !== 'OWNER') throw forbidden('Only owners may give that role.')
    if (await at.member(userId)) return []
    await mustBeKnown(chat.store, userId)
    return [await joining(chat, at, user.userId, userId, role)]
  })
}

/** Removes a member of a lower role. With `ban` they cannot join again, even when they had left. Throws `NOT_FOUND`, `FORBIDDEN`. */
export async function removeMember(
  chat: Chat,
  viewer: Viewer,
  roomId: string,
  userId: string,
  ban: boolean,
): Promise<void> {
  const user = signedIn(viewer)
  await chat.log.commit(roomId, {
    userId: user.userId,
    async decide(at) {
      const { membership } = await asAtLeast('MODERATOR', at, user)
      const member = await at.member(userId)
      if (!member && !ban) throw notFound('The member')
      if (!member && (await at.isBanned(userId))) return []
      if (!member) await mustBeKnown(chat.store, userId)
      if (member && !outranks(membership.role, member.role))
        throw forbidden('Only someone of a higher role may remove them.')
      return [draft(at.now(), user.userId, { type: 'MemberLeft', userId, reason: ban ? 'BANNED' : 'REMOVED' })]
    },
  })
}

/** Sets a member's role. Owners only. Throws `NOT_FOUND`, `FORBIDDEN`, `CONFLICT` when no owner would remain. */
export function changeRole(
  chat: Chat,
  viewer: Viewer,
  roomId: string,
  userId: string,
  role: RoomRole,
): Promise<Membership> {
  const user = signedIn(viewer)
  return memberAfter(chat, user, roomId, userId, async (at) => {
    const { room } = await asAtLeast('OWNER', at, user)
    const member = await at.member(userId)
    if (!member) throw notFound('The member')
    if (member.role === role) return []
    if (isLastOwner({ room, membership: member }))
      throw conflict('A room needs an owner: give another member the role OWNER first.')
    return [draft(at.now(), user.userId, { type: 'MemberChanged', member: { ...member, role } })]
  })
}

/**
 * Moves the viewer's read position forward to a position of the log, and never backwards. Throws `NOT_FOUND`, `FORBIDDEN`, and
 * `BAD_USER_INPUT` for a position that the log does not hold.
 */
export function markRead(chat: Chat, viewer: Viewer, roomId: string, upTo: Position): Promise<Membership> {
  const user = signedIn(viewer)
  return memberAfter(chat, user, roomId, user.userId, async (at) => {
    const { membership } = await asMember(at, user)
    await mustHold(chat.store, roomId, { upTo })
    if (upTo.seq <= (membership.readUpTo ?? 0)) return []
    return [draft(at.now(), user.userId, { type: 'ReadUpTo', userId: user.userId, upTo: upTo.seq, upToId: upTo.id })]
  })
}

async function memberAfter(
  chat: Chat,
  actor: SignedInUser,
  roomId: string,
  userId: string,
  decide: (at: RoomAtHead) => Promise<ReturnType<typeof draft>[]>,
): Promise<Membership> {
  await chat.log.commit(roomId, { userId: actor.userId, decide })
  // What was committed may not have been projected yet.
  await catchUp(chat.store, roomId)
  const [member] = await chat.store.state.memberships(userId, [roomId])
  if (!member) throw notFound('The member')
  return member
}

const joining = async (chat: Chat, at: RoomAtHead, actorId: string, userId: string, role: RoomRole) =>
  draft(await joiningTime(chat, at, userId), actorId, { type: 'MemberJoined', userId, role })

/**
 * When a membership that is decided now begins: after all others of the user. Their rooms are listed by these times, which must not
 * depend on which process's clock was ahead.
 */
export async function joiningTime(chat: Chat, at: RoomAtHead, userId: string): Promise<number> {
  const [newest] = (await chat.store.state.roomsOf(userId, { first: 1 })).items
  return Math.max(at.now(), (newest?.joinedAt ?? 0) + 1)
}

const isLastOwner = ({ room, membership }: InRoom) => membership.role === 'OWNER' && room.ownerCount === 1
