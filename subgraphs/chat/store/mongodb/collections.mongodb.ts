import type { Collection, Db, IndexDescription } from 'mongodb'
import type { LogDocument, MemberDocument, MessageDocument, PersonDocument, RoomDocument } from './documents.mongodb.ts'

export interface Collections {
  roomLog: Collection<LogDocument>
  rooms: Collection<RoomDocument>
  members: Collection<MemberDocument>
  messages: Collection<MessageDocument>
  people: Collection<PersonDocument>
}

export const collectionsOf = (database: Db): Collections => ({
  roomLog: database.collection('room_log'),
  rooms: database.collection('rooms'),
  members: database.collection('members'),
  messages: database.collection('messages'),
  people: database.collection('people'),
})

/** The indexes that the log's promises rest on: one event a number, one event a key. */
export const uniqueInLog = { seq: 'by_seq', key: 'by_key' }

/** The fields of an event in the log that tell its position. */
export const identity = { seq: 1, key: 1, 'change.type': 1, 'change.messageId': 1 } as const

/** People are found by their `_id` alone. */
const indexes: Record<Exclude<keyof Collections, 'people'>, IndexDescription[]> = {
  roomLog: [
    { name: uniqueInLog.seq, key: { roomId: 1, seq: 1 }, unique: true },
    { name: uniqueInLog.key, key: { roomId: 1, key: 1 }, unique: true },
    { name: 'by_message', key: { messageId: 1 }, sparse: true },
    {
      name: 'pending',
      key: { pendingAt: 1, roomId: 1, seq: 1 },
      partialFilterExpression: { pendingAt: { $exists: true } },
    },
  ],
  rooms: [
    { name: 'by_name', key: { kind: 1, nameKey: 1, _id: 1 } },
    { name: 'without_owner', key: { ownerCount: 1, _id: 1 }, partialFilterExpression: { ownerCount: 0 } },
  ],
  members: [
    // The role is in it for the counts of members and owners, which read nothing but the index.
    { name: 'by_joining', key: { roomId: 1, joinedSeq: 1, role: 1 } },
    { name: 'by_user', key: { userId: 1, joinedAt: -1, roomId: -1 } },
  ],
  messages: [{ name: 'by_seq', key: { roomId: 1, seq: 1 }, unique: true }],
}

/** Makes the collections and indexes that are missing. Harmless when it was done before, or is being done by another process. */
export async function makeIndexes(collections: Collections): Promise<void> {
  for (const name of ['roomLog', 'rooms', 'members', 'messages'] as const)
    await collections[name].createIndexes(indexes[name])
}
