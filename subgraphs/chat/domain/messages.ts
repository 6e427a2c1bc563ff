import { v7 as uuidv7 } from 'uuid'
import { forbidden, notFound } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { catchUp } from '../log/catch-up.ts'
import type { RoomAtHead } from '../log/room-commands.ts'
import { asMember, outranks } from './access.ts'
import { type Chat, draft } from './chat.ts'
import { type Draft, type Message, sendKey, sentMessage } from './room-event.ts'

export interface NewMessage {
  roomId: string
  text: string
  clientMessageId: string
}

/**
 * Commits a message once per client id: a repeat gives the message as it stands, for ever. To who is no longer a member it only says
 * that the message was committed. Members only. Throws `NOT_FOUND`, `FORBIDDEN`.
 */
export async function sendMessage(chat: Chat, viewer: Viewer, { roomId, text, clientMessageId }: NewMessage) {
  const user = signedIn(viewer)
  const key = sendKey(user.userId, clientMessageId)
  const { events, duplicate } = await chat.log.commit(roomId, {
    userId: user.userId,
    key,
    batchable: true,
    async decide(at) {
      await asMember(at, user)
      return [draft(at.now(), user.userId, { type: 'MessageSent', messageId: uuidv7(), clientMessageId, text }, key)]
    },
  })
  const [event] = events
  if (!event) throw new Error('A send commits one event')
  const message = sentMessage(event)
  return { message: duplicate ? await forRepeat(chat, user.userId, message) : message, duplicate }
}

/** What the repeat of a send is answered with: nothing that has become of the message in a room that the sender cannot see. */
async function forRepeat({ store }: Chat, userId: string, sent: Message): Promise<Message> {
  const [[membership], [standing]] = await Promise.all([
    store.state.memberships(userId, [sent.roomId]),
    store.state.messagesById([sent.id]),
  ])
  return membership ? (standing ?? sent) : { ...sent, text: '' }
}

/** Replaces the text. The sender only; a deleted message stays deleted. Throws `NOT_FOUND`, `FORBIDDEN`. */
export function editMessage(chat: Chat, viewer: Viewer, messageId: string, text: string): Promise<Message> {
  const { userId } = signedIn(viewer)
  return changeMessage(chat, viewer, messageId, (message, room) => {
    if (message.senderId !== userId) throw forbidden('Only its sender may edit a message.')
    if (message.deletedAt !== null) throw forbidden('A deleted message cannot be edited.')
    if (message.text === text) return []
    const editedAt = room.now()
    return [draft(editedAt, userId, { type: 'MessageEdited', message: { ...message, text, editedAt } })]
  })
}

/** Deletes the text. The sender, or someone of a higher role. Deleting twice is harmless. Throws `NOT_FOUND`, `FORBIDDEN`. */
export function deleteMessage(chat: Chat, viewer: Viewer, messageId: string): Promise<Message> {
  const { userId } = signedIn(viewer)
  return changeMessage(chat, viewer, messageId, async (message, room) => {
    if (message.senderId !== userId) {
      const mine = await room.member(userId)
      const theirs = await room.member(message.senderId)
      if (!mine || !outranks(mine.role, theirs?.role ?? 'MEMBER')) {
        throw forbidden('Only its sender, or someone of a higher role, may delete a message.')
      }
    }
    if (message.deletedAt !== null) return []
    const deletedAt = room.now()
    return [draft(deletedAt, userId, { type: 'MessageDeleted', message: { ...message, text: '', deletedAt } })]
  })
}

async function changeMessage(
  chat: Chat,
  viewer: Viewer,
  messageId: string,
  decide: (message: Message, room: RoomAtHead) => Draft[] | Promise<Draft[]>,
): Promise<Message> {
  const user = signedIn(viewer)
  const [known] = await chat.store.state.messagesById([messageId])
  if (!known) throw notFound('The message')
  let current = known
  const { events } = await chat.log.commit(known.roomId, {
    userId: user.userId,
    async decide(at) {
      // Whoever cannot see the room gets the same answer as for an unknown message.
      if (!(await at.member(user.userId))) throw notFound('The message')
      const [message] = await chat.store.state.messagesById([messageId])
      current = message ?? known
      return decide(current, at)
    },
  })
  const change = events[0]?.change
  // The projection takes the old text out of the log: until then the change is not acknowledged.
  if (change) await catchUp(chat.store, known.roomId)
  return change && 'message' in change ? change.message : current
}
