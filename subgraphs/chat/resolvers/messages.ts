import { parseInput } from '../../../platform/errors/parse-input.ts'
import { toCursor } from '../domain/cursor.ts'
import { deleteMessage, editMessage, sendMessage } from '../domain/messages.ts'
import { findMessage } from '../domain/reading.ts'
import type { MessageResolvers, MutationResolvers } from '../generated/resolvers.ts'
import { messageChange, newMessage, parseId } from './inputs.ts'

export const messageMutations: MutationResolvers = {
  sendMessage: async (_, { input }, { viewer, chat }) => sendMessage(chat, viewer, parseInput(newMessage, input)),
  editMessage: async (_, { input }, { viewer, chat }) => {
    const { messageId, text } = parseInput(messageChange, input)
    return editMessage(chat, viewer, messageId, text)
  },
  deleteMessage: async (_, { messageId }, { viewer, chat }) =>
    deleteMessage(chat, viewer, parseId('messageId', messageId)),
}

const date = (milliseconds: number | null) => (milliseconds === null ? null : new Date(milliseconds))

export const messageFields: MessageResolvers = {
  __resolveReference: async ({ id }, { viewer, chat }) => (await findMessage(chat, viewer, parseId('id', id))) ?? null,
  sender: ({ senderId }) => ({ id: senderId }),
  cursor: (message) => toCursor(message.roomId, message),
  createdAt: ({ createdAt }) => new Date(createdAt),
  editedAt: ({ editedAt }) => date(editedAt),
  deletedAt: ({ deletedAt }) => date(deletedAt),
}
