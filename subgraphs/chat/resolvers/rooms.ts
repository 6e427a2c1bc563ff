import { badInput } from '../../../platform/errors/app-error.ts'
import { parseInput } from '../../../platform/errors/parse-input.ts'
import { toConnection } from '../../../platform/graphql/page.ts'
import { meterOf } from '../../../platform/graphql/response-meter.ts'
import { selectsBelow } from '../../../platform/graphql/selects-below.ts'
import { foldName } from '../../../platform/text/fold-name.ts'
import { fromListCursor, toCursor, toListCursor } from '../domain/cursor.ts'
import { readMembers, readMessages } from '../domain/reading.ts'
import { createRoom, findRoom, myRooms, publicRooms, updateRoom, writtenRoom } from '../domain/rooms.ts'
import type { MutationResolvers, QueryResolvers, RoomResolvers } from '../generated/resolvers.ts'
import { newRoom, parseFirst, parseId, parseMessageRange, parseSearch, roomChange } from './inputs.ts'

const badCursor = () => badInput('after', 'must be a cursor of this list')

export const roomQueries: QueryResolvers = {
  room: async (_, { id }, { viewer, chat }) => (await findRoom(chat, viewer, parseId('id', id))) ?? null,

  rooms: async (_, { first, after }, { viewer, chat }) => {
    const key = after == null ? undefined : fromListCursor(after, 'number', 'string')
    if (after != null && !key) throw badCursor()
    const page = { first: parseFirst(first), after: key && { joinedAt: key[0], roomId: key[1] } }
    const { edges, pageInfo } = toConnection(await myRooms(chat, viewer, page), ({ room, joinedAt }) =>
      toListCursor(joinedAt, room.id),
    )
    return { edges: edges.map(({ cursor, node }) => ({ cursor, node: node.room })), pageInfo }
  },

  publicRooms: async (_, { search, first, after }, { viewer, chat }) => {
    const key = after == null ? undefined : fromListCursor(after, 'string', 'string')
    if (after != null && !key) throw badCursor()
    const page = { first: parseFirst(first), after: key && { name: key[0], roomId: key[1] } }
    const rooms = await publicRooms(chat, viewer, parseSearch(search), page)
    return toConnection(rooms, (room) => toListCursor(foldName(room.name), room.id))
  },
}

export const roomMutations: MutationResolvers = {
  createRoom: async (_, { input }, { viewer, chat }) =>
    writtenRoom(chat, await createRoom(chat, viewer, parseInput(newRoom, input))),

  updateRoom: async (_, { input }, { viewer, chat }) => {
    const { roomId, name, topic } = parseInput(roomChange, input)
    await updateRoom(chat, viewer, roomId, { name, topic })
    return writtenRoom(chat, roomId)
  },
}

export const roomFields: RoomResolvers = {
  __resolveReference: async ({ id }, { viewer, chat }) => (await findRoom(chat, viewer, parseId('id', id))) ?? null,
  createdAt: ({ createdAt }) => new Date(createdAt),
  members: async (room, { first, after }, { viewer, chat }) => {
    const key = after == null ? undefined : fromListCursor(after, 'number')
    if (after != null && !key) throw badCursor()
    const page = await readMembers(chat, viewer, room, { first: parseFirst(first), after: key?.[0] })
    return toConnection(page, ({ joinedSeq }) => toListCursor(joinedSeq))
  },
  messages: async (room, range, context, info) => {
    const { viewer, chat, textReads } = context
    const asked = parseMessageRange(room.id, range)
    const texts = selectsBelow(info, 'text')
    const read = () => readMessages(chat, viewer, room, { ...asked, texts })
    return toConnection(texts ? await textReads(meterOf(context), read) : await read(), (message) =>
      toCursor(room.id, message),
    )
  },
  viewerMembership: async ({ id }, _, { loaders }) => (await loaders.viewerMembership.load(id)) ?? null,
  unreadCount: ({ id }, _, { loaders }) => loaders.unread.load(id),
  lastMessage: async ({ id }, _, { loaders }, info) => {
    const loader = selectsBelow(info, 'text') ? loaders.lastMessage : loaders.lastMessageWithoutText
    return (await loader.load(id)) ?? null
  },
}
