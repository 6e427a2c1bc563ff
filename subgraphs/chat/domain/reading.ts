import { forbidden } from '../../../platform/errors/app-error.ts'
import type { Page } from '../../../platform/graphql/page.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { mustHold } from '../log/held-positions.ts'
import type { ForwardPage, MessageRange } from '../store/chat-store.ts'
import type { Chat } from './chat.ts'
import type { Position } from './position.ts'
import type { Room } from './room.ts'
import type { Membership, Message } from './room-event.ts'

/** Which messages of a room, between two positions of its log. */
export type MessagesBetween = Pick<MessageRange, 'take' | 'count' | 'texts'> & { after?: Position; before?: Position }

/** The messages of a room, without `text` when `texts` is false. Members only: `FORBIDDEN` to others. `BAD_USER_INPUT` for a position that the log does not hold. */
export async function readMessages(
  chat: Chat,
  viewer: Viewer,
  room: Room,
  { after, before, ...range }: MessagesBetween,
): Promise<Page<Message>> {
  await onlyMembers(chat, viewer, room)
  const [page] = await Promise.all([
    chat.store.state.messages(room.id, { ...range, after: after?.seq, before: before?.seq }),
    mustHold(chat.store, room.id, { after, before }),
  ])
  return page
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
