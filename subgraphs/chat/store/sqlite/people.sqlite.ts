import type { DatabaseSync } from 'node:sqlite'
import { repeatableTransaction } from '../../../../platform/storage/database.sqlite.ts'
import type { PeopleStore } from '../chat-store.ts'

export function createPeople(database: DatabaseSync): PeopleStore {
  const insert = database.prepare('INSERT OR IGNORE INTO people VALUES (?)')
  const find = database.prepare(
    'SELECT 1 FROM people WHERE id = ? UNION ALL SELECT 1 FROM members WHERE user_id = ? LIMIT 1',
  )
  return {
    async add(userIds) {
      repeatableTransaction(database, () => {
        for (const userId of userIds) insert.run(userId)
      })
    },
    isKnown: async (userId) => find.get(userId, userId) !== undefined,
  }
}
