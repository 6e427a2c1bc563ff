import type { AnyBulkWriteOperation, Collection, Document, OptionalUnlessRequiredId } from 'mongodb'
import type { Collections } from '../store/mongodb/collections.mongodb.ts'

/** Runs one command on the database, when its turn comes. */
export type Turn = <T>(command: () => Promise<T>) => Promise<T>

/**
 * The same collections, for a projector that is held up: every command waits for its turn, and each document of a bulk is a command
 * of its own, because a server too may be held up in the middle of one.
 */
export function heldCollections(collections: Collections, turn: Turn): Collections {
  const held = <T extends Document>(collection: Collection<T>): Collection<T> => {
    const methods = {
      findOne: (...values: Parameters<Collection<T>['findOne']>) => turn(() => collection.findOne(...values)),
      updateOne: (...values: Parameters<Collection<T>['updateOne']>) => turn(() => collection.updateOne(...values)),
      aggregate: (pipeline: Document[], options: object) => ({
        toArray: () => turn(() => collection.aggregate(pipeline, options).toArray()),
      }),
      async bulkWrite(operations: AnyBulkWriteOperation<T>[], options?: object) {
        for (const operation of operations) await turn(() => collection.bulkWrite([operation], options))
      },
      async insertMany(documents: OptionalUnlessRequiredId<T>[], options?: object) {
        const insert = (document: OptionalUnlessRequiredId<T>) =>
          turn(() => collection.insertMany([document], options)).then(
            () => undefined,
            (error: unknown) => error,
          )
        let failure: unknown
        for (const document of documents) failure = (await insert(document)) ?? failure
        if (failure) throw failure
      },
    }
    return methods as unknown as Collection<T>
  }
  const { roomLog, rooms, members, messages, people } = collections
  return { roomLog: held(roomLog), rooms: held(rooms), members: held(members), messages: held(messages), people }
}
