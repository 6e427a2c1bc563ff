import type { Db } from 'mongodb'
import { requireServed, type SchemaVersion } from '../../../platform/storage/schema/schema-version.ts'
import type { Collections } from './mongodb/collections.mongodb.ts'
import { scrubsBefore } from './mongodb/message-updates.mongodb.ts'

/**
 * The version of the documents and indexes that this release writes, and the oldest release that works with them, by the version that it
 * knows. Raise `version` when documents change, and add to `steps` what has to happen to those that are there; raise `serves` only when something goes that the release before still reads.
 */
export const chatSchema: SchemaVersion = { version: 2, serves: 1 }

interface SchemaDocument extends SchemaVersion {
  _id: 'chat'
}

const collectionOf = (database: Db) => database.collection<SchemaDocument>('schema_versions')

/** Throws a `StartError` when a newer release has left this one behind. */
export async function requireChatSchema(database: Db, known = chatSchema.version): Promise<void> {
  const found = await collectionOf(database).findOne({ _id: 'chat' })
  if (found) requireServed('chat collections', found, known)
}

/** Records what this release writes, unless a newer one has. */
export async function recordChatSchema(database: Db, { version, serves } = chatSchema): Promise<void> {
  await collectionOf(database).updateOne({ _id: 'chat' }, { $max: { version, serves } }, { upsert: true })
}

type Step = (collections: Collections) => Promise<void>

/** What brings documents to a version. Each step is harmless when it runs again, after it was cut short, or beside another process. */
const steps: Record<number, Step> = { 2: takeOldTextsOut }

/** Brings documents of earlier releases to this one's version. The indexes have to be there. */
export async function migrateChat(database: Db, collections: Collections): Promise<void> {
  const found = await collectionOf(database).findOne({ _id: 'chat' })
  for (let version = (found?.version ?? 0) + 1; version <= chatSchema.version; version += 1)
    await steps[version]?.(collections)
}

const messagesAtATime = 2_000

/** Takes the texts that were replaced or deleted out of the log's earlier events. Releases before version 2 left them there. */
async function takeOldTextsOut({ messages, roomLog }: Collections): Promise<void> {
  // In pages: each is over well within the time that the driver gives a command, however many messages there are.
  for (let after = ''; ; ) {
    const page = await messages
      .find({ _id: { $gt: after } }, { projection: { v: 1, editedAt: 1, deletedAt: 1 }, batchSize: messagesAtATime })
      .sort({ _id: 1 })
      .limit(messagesAtATime)
      .toArray()
    const scrubs = page
      .filter(({ editedAt, deletedAt }) => editedAt !== null || deletedAt !== null)
      .flatMap(({ _id, v }) => scrubsBefore(_id, v))
    if (scrubs.length > 0) await roomLog.bulkWrite(scrubs, { ordered: false })
    const last = page.at(-1)
    if (!last || page.length < messagesAtATime) return
    after = last._id
  }
}
