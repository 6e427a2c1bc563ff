import { forbidden } from '../../../platform/errors/app-error.ts'
import type { Page } from '../../../platform/graphql/page.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { ForwardPage, MessageRange } from '../store/chat-store.ts'
import type { Chat } from './chat.ts'
import type { Room } from './room.ts'
import type { Membership, Message } from './room-event.ts'

/** The messages of a room. Members only: `FORBIDDEN` to others. */
export async function readMessages(
  chat: Chat,
  viewer: Viewer,
  room: Room,
  range: MessageRange,
): Promise<Page<Message>> {
  await onlyMembers(chat, viewer, room)
  return chat.store.state.messages(room.id, range)
}

/** The members of a room. Members only: `FORBIDDEN` to others. */
export async function readMembers(
  chat: Chat,
  viewer: Viewer,
  room: Room,
  page: ForwardPage<number>,
): Promise<Page<Membership>> {
  await onlyMembers(chat, viewer, room)
  return chat.store.state.members(room.id, page)
}

/** A message by its id, if the viewer is a member of its room; undefined otherwise, as for an unknown one. */
export async function findMessage(chat: Chat, viewer: Viewer, id: string): Promise<Message | undefined> {
  const { userId } = signedIn(viewer)
  const [message] = await chat.store.state.messagesById([id])
  const [membership] = message ? await chat.store.state.memberships(userId, [message.roomId]) : []
  return membership && message
}

async function onlyMembers(chat: Chat, viewer: Viewer, room: Room): Promise<void> {
  const [membership] = await chat.store.state.memberships(signedIn(viewer).userId, [room.id])
  if (!membership) throw forbidden('Only members of the room may see that: join it first.')
}
