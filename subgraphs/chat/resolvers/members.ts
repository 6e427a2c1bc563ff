import { parseInput } from '../../../platform/errors/parse-input.ts'
import { toCursor } from '../domain/cursor.ts'
import { addMember, changeRole, joinRoom, leaveRoom, markRead, removeMember } from '../domain/members.ts'
import { writtenRoom } from '../domain/rooms.ts'
import type { MutationResolvers, RoomMemberResolvers } from '../generated/resolvers.ts'
import { newMember, parseId, parsePosition } from './inputs.ts'

export const memberMutations: MutationResolvers = {
  joinRoom: async (_, args, { viewer, chat }) => {
    const roomId = parseId('roomId', args.roomId)
    await joinRoom(chat, viewer, roomId)
    return writtenRoom(chat, roomId)
  },
  leaveRoom: async (_, { roomId }, { viewer, chat }) => {
    await leaveRoom(chat, viewer, parseId('roomId', roomId))
    return true
  },
  addMember: async (_, { input }, { viewer, chat }) => {
    const { roomId, userId, role } = parseInput(newMember, input)
    return addMember(chat, viewer, roomId, userId, role)
  },
  removeMember: async (_, { roomId, userId, ban }, { viewer, chat }) => {
    await removeMember(chat, viewer, parseId('roomId', roomId), parseId('userId', userId), ban ?? false)
    return true
  },
  changeRole: async (_, { roomId, userId, role }, { viewer, chat }) =>
    changeRole(chat, viewer, parseId('roomId', roomId), parseId('userId', userId), role),
  markRead: async (_, args, { viewer, chat }) => {
    const roomId = parseId('roomId', args.roomId)
    return markRead(chat, viewer, roomId, parsePosition('upTo', roomId, args.upTo))
  },
}

export const memberFields: RoomMemberResolvers = {
  user: ({ userId }) => ({ id: userId }),
  joinedAt: ({ joinedAt }) => new Date(joinedAt),
  // Without the id, which an earlier release did not keep, the cursor cannot be resumed from.
  readUpTo: ({ roomId, readUpTo, readUpToId = '' }) =>
    readUpTo === null ? null : toCursor(roomId, { seq: readUpTo, id: readUpToId }),
}
