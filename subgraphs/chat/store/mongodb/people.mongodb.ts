import type { PeopleStore } from '../chat-store.ts'
import type { Collections } from './collections.mongodb.ts'
import { insertMissing } from './duplicates.mongodb.ts'

export function createPeople({ people, members }: Collections): PeopleStore {
  const onlyId = { projection: { _id: 1 } } as const
  return {
    add: (userIds) =>
      insertMissing(
        people,
        userIds.map((_id) => ({ _id })),
      ),
    async isKnown(userId) {
      const [person, member] = await Promise.all([
        people.findOne({ _id: userId }, onlyId),
        members.findOne({ userId }, onlyId),
      ])
      return person !== null || member !== null
    },
  }
}
