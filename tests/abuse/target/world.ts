import { randomUUID } from 'node:crypto'
import { eachOf } from '../../../bench/load.ts'
import { createRoom, type Person, send, signUp } from '../../clients.ts'

/** What an attacker has who keeps to the documented limits: rooms, and messages as large as they may be. */
export interface World {
  attacker: Person
  bystander: Person
  /** Rooms of the attacker; the first ones hold the messages. */
  rooms: string[]
  /** Where the bystander writes and reads. The attacker is no member. */
  quietRoom: string
  messageId: string
}

/** The longest text that a message may have, of characters that take four bytes each. */
export const largestText = '\u{1F4AC}'.repeat(2_000)

export interface WorldSize {
  rooms: number
  fullRooms: number
}

/** Makes the world that attacks are tried in. */
export async function makeWorld(url: string, { rooms: count, fullRooms }: WorldSize): Promise<World> {
  const [attacker, bystander] = await Promise.all([signUp(url, 'Mallory'), signUp(url, 'Bystander')])
  const rooms = await eachOf(Array.from({ length: count }), 8, (_, index) =>
    createRoom(attacker, 'PUBLIC', `Room ${index} ${randomUUID()}`),
  )
  const messages = await eachOf(
    rooms.slice(0, fullRooms).flatMap((room) => Array.from({ length: 100 }, () => room)),
    16,
    (room) => send(attacker, room, largestText),
  )
  const quietRoom = await createRoom(bystander, 'PRIVATE')
  return { attacker, bystander, rooms, quietRoom, messageId: messages[0]?.message.id ?? '' }
}
