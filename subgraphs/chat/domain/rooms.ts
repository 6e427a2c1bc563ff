import { v7 as uuidv7 } from 'uuid'
import type { Page } from '../../../platform/graphql/page.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { catchUp } from '../log/catch-up.ts'
import type { ForwardPage, PublicRoomKey, RoomOfUserKey } from '../store/chat-store.ts'
import { asAtLeast } from './access.ts'
import { type Chat, draft } from './chat.ts'
import { joiningTime } from './members.ts'
import type { Room } from './room.ts'
import type { RoomKind } from './room-event.ts'

export interface NewRoom {
  name: string
  kind: RoomKind
  topic: string | null
}

/** Makes a room with the viewer as its owner; gives its id. */
export async function createRoom(chat: Chat, viewer: Viewer, { name, kind, topic }: NewRoom): Promise<string> {
  const { userId } = signedIn(viewer)
  const roomId = uuidv7()
  await chat.log.commit(roomId, {
    userId,
    async decide(at) {
      const joinedAt = await joiningTime(chat, at, userId)
      return [draft(joinedAt, userId, { type: 'RoomUpdated', name, kind, topic, ownerId: userId })]
    },
  })
  return roomId
}

/** Changes what is given and keeps the rest. Owners and moderators. Throws `NOT_FOUND`, `FORBIDDEN`. */
export async function updateRoom(
  chat: Chat,
  viewer: Viewer,
  roomId: string,
  given: { name?: string; topic?: string | null },
): Promise<void> {
  const user = signedIn(viewer)
  await chat.log.commit(roomId, {
    userId: user.userId,
    async decide(at) {
      const { room } = await asAtLeast('MODERATOR', at, user)
      const { name = room.name, topic = room.topic } = given
      if (name === room.name && topic === room.topic) return []
      return [draft(at.now(), user.userId, { type: 'RoomUpdated', name, topic, kind: room.kind })]
    },
  })
}

/** A room that the viewer has just written to, with what was written. */
export async function writtenRoom(chat: Chat, roomId: string): Promise<Room> {
  const room = await catchUp(chat.store, roomId)
  if (!room) throw new Error(`Room ${roomId} is gone`)
  return room
}

/** The room, if it is public or the viewer's own; undefined otherwise, as for an unknown one. */
export async function findRoom(chat: Chat, viewer: Viewer, roomId: string): Promise<Room | undefined> {
  const { userId } = signedIn(viewer)
  const room = await catchUp(chat.store, roomId)
  if (!room || room.kind === 'PUBLIC') return room
  const [membership] = await chat.store.state.memberships(userId, [roomId])
  return membership && room
}

export const myRooms = async (chat: Chat, viewer: Viewer, page: ForwardPage<RoomOfUserKey>) =>
  chat.store.state.roomsOf(signedIn(viewer).userId, page)

export async function publicRooms(
  chat: Chat,
  viewer: Viewer,
  search: string,
  page: ForwardPage<PublicRoomKey>,
): Promise<Page<Room>> {
  signedIn(viewer)
  return chat.store.state.publicRooms(search, page)
}
