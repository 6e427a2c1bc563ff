import type { AnyBulkWriteOperation } from 'mongodb'
import { type RoomEvent, redactedBy } from '../../domain/room-event.ts'
import type { LogDocument, MessageDocument } from './documents.mongodb.ts'

/** What the event changes of a message that is there. Nothing where that event, or a later one, was applied before. */
export function messageUpdates({ seq, change }: RoomEvent): AnyBulkWriteOperation<MessageDocument>[] {
  if (change.type !== 'MessageEdited' && change.type !== 'MessageDeleted') return []
  const { id, text, editedAt, deletedAt } = change.message
  return [
    { updateOne: { filter: { _id: id, v: { $lt: seq } }, update: { $set: { text, editedAt, deletedAt, v: seq } } } },
  ]
}

/** Takes the text of an edited or deleted message out of its earlier events in the log. Doing it again, at any time, is harmless. */
export function scrubs({ seq, change }: RoomEvent): AnyBulkWriteOperation<LogDocument>[] {
  const messageId = redactedBy(change)
  return messageId === undefined ? [] : scrubsBefore(messageId, seq)
}

/** The same, for the message's events before this number. */
export function scrubsBefore(messageId: string, seq: number): AnyBulkWriteOperation<LogDocument>[] {
  const earlier = { messageId, seq: { $lt: seq } }
  return [
    { updateMany: { filter: { ...earlier, 'change.type': 'MessageSent' }, update: { $set: { 'change.text': '' } } } },
    {
      updateMany: {
        filter: { ...earlier, 'change.type': 'MessageEdited' },
        update: { $set: { 'change.message.text': '' } },
      },
    },
  ]
}
