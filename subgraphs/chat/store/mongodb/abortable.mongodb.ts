import type { Collection, Document } from 'mongodb'
import type { Collections } from './collections.mongodb.ts'

/**
 * The same collections, whose commands end when the signal is aborted. mongodb 7.9 needs that: a command that waits for room in its
 * socket does not hear that the connection was closed, and holds its place in the pool for ever. A network that was away while
 * large batches were sent would leave the pool empty. (Its types know the signal for reads only.)
 */
export function abortable(collections: Collections, signal: AbortSignal): Collections {
  const { roomLog, rooms, members, messages, people } = collections
  return {
    roomLog: withSignal(roomLog, signal),
    rooms: withSignal(rooms, signal),
    members: withSignal(members, signal),
    messages: withSignal(messages, signal),
    people: withSignal(people, signal),
  }
}

/** Where each method that is used here takes its options. */
const optionsAt: Record<string, number> = {
  aggregate: 1,
  bulkWrite: 1,
  countDocuments: 1,
  find: 1,
  findOne: 1,
  insertMany: 1,
  updateOne: 2,
}

const withSignal = <T extends Document>(collection: Collection<T>, signal: AbortSignal): Collection<T> =>
  new Proxy(collection, {
    get(target, name) {
      const method: (...values: unknown[]) => unknown = Reflect.get(target, name)
      const at = optionsAt[String(name)]
      if (at === undefined) throw new Error(`${String(name)} is not known to end with its signal`)
      return (...values: unknown[]) =>
        method.apply(target, values.toSpliced(at, 1, { ...(values[at] as object | undefined), signal }))
    },
  })
