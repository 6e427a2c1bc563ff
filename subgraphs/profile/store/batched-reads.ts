import DataLoader from 'dataloader'
import { foldName } from '../../../platform/text/fold-name.ts'
import type { ProfileStore } from './profile-store.ts'

/** How many ids or names one statement asks for. */
const mostAtOnce = 500

/**
 * The same store, whose reads of profiles share statements: all that is asked for at once, by any operation of this process, is one read
 * for each kind. An operation can ask for `user(id:)` under many aliases, and many operations wake together when an account arrives.
 */
export function batchReads(store: ProfileStore): ProfileStore {
  const byId = batched(
    (ids) => store.byIds(ids),
    ({ id }) => id,
  )
  const byUsername = batched(
    (names) => store.byUsernames(names),
    ({ username }) => username,
    foldName,
  )
  const deletedById = batched(
    (ids) => store.deletedByIds(ids),
    (id) => id,
  )
  const deletedByUsername = batched(
    (names) => store.deletedByUsernames(names),
    ({ username }) => username,
    foldName,
  )
  // Viewers ask for their own alone: an operation that asks again and again asks for the same.
  const preferences = new DataLoader(
    async (ids: readonly string[]) => {
      const read = new Map([...new Set(ids)].map((id) => [id, store.preferences(id)]))
      return Promise.all(ids.map((id) => read.get(id)))
    },
    { cache: false, maxBatchSize: mostAtOnce },
  )
  return {
    ...store,
    byIds: byId,
    byUsernames: byUsername,
    deletedByIds: deletedById,
    deletedByUsernames: deletedByUsername,
    preferences: (id) => preferences.load(id),
  }
}

/** Nothing is cached: each read sees every write that resolved before it. */
function batched<T>(
  read: (keys: readonly string[]) => Promise<T[]>,
  keyOf: (item: T) => string,
  normalForm = (key: string) => key,
): (keys: readonly string[]) => Promise<T[]> {
  const loader = new DataLoader<string, T | undefined>(
    async (keys) => {
      const found = new Map((await read([...new Set(keys)])).map((item) => [normalForm(keyOf(item)), item]))
      return keys.map((key) => found.get(key))
    },
    { cache: false, maxBatchSize: mostAtOnce },
  )
  return async (keys) => {
    const items = await Promise.all([...new Set(keys.map(normalForm))].map((key) => loader.load(key)))
    return items.filter((item) => item !== undefined)
  }
}
