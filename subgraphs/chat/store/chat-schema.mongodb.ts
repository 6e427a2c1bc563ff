import type { Db } from 'mongodb'
import { requireServed, type SchemaVersion } from '../../../platform/storage/schema/schema-version.ts'

/**
 * The version of the documents and indexes that this release writes, and the oldest release that works with them, by the version that it
 * knows. Raise `version` when documents change; raise `serves` only when something goes that the release before still reads.
 */
export const chatSchema: SchemaVersion = { version: 1, serves: 1 }

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
