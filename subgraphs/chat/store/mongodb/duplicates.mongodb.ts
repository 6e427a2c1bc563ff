import { type Collection, type Document, MongoBulkWriteError, type OptionalUnlessRequiredId } from 'mongodb'

export interface Duplicate {
  /** The place of the refused document among those that were to go in. */
  position: number
  /** The unique index that refused it. */
  index: string
}

const duplicateKey = 11_000

/**
 * The documents that an insert did not take in because a key of theirs is taken. Throws the error on when it is about anything else,
 * and when a majority may not have what did go in: then nothing is certain.
 */
export function duplicatesOf(error: unknown): Duplicate[] {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error
  const refused = [error.writeErrors].flat()
  if (refused.length === 0 || refused.some(({ code }) => code !== duplicateKey)) throw error
  // The driver has the index's name in the text only.
  return refused.map(({ index, errmsg = '' }) => ({ position: index, index: /index: (\S+)/.exec(errmsg)?.[1] ?? '' }))
}

/** Inserts the documents that are missing and leaves those that are there as they are. */
export async function insertMissing<T extends Document>(
  collection: Collection<T>,
  documents: OptionalUnlessRequiredId<T>[],
): Promise<void> {
  if (documents.length > 0) await collection.insertMany(documents, { ordered: false }).catch(duplicatesOf)
}
