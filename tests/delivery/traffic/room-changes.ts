import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from '../../clients.ts'
import type { Chance } from '../chance.ts'

export interface RoomChangesOptions {
  urls: string[]
  rooms: string[]
  /** An owner of every room. */
  owner: Person
  chance: Chance
  isOver(): boolean
}

const changeTopic = `mutation ($roomId: ID!, $topic: String) {
  updateRoom(input: { roomId: $roomId, topic: $topic }) { id }
}`

/** Changes the topic of one room after the other: events that are no messages have places in the log, too. */
export async function changeRooms({ urls, rooms, owner, chance, isOver }: RoomChangesOptions): Promise<void> {
  for (let count = 0; !isOver(); count += 1) {
    await pause(chance.between(200, 800))
    const variables = { roomId: chance.oneOf(rooms), topic: `topic ${count}` }
    await owner
      .at(chance.oneOf(urls))
      .try(changeTopic, variables)
      .catch(() => {})
  }
}
