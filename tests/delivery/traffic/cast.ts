import { createRoom, type Person, signUp } from '../../clients.ts'

/** Who takes part, by what they do. Each of them is a member of every room. */
export interface Cast {
  /** The first owns the rooms. */
  writers: Person[]
  readers: Person[]
  /** Who follow every room over slow links. */
  distant: Person
  /** Who come anew all the time. */
  newcomer: Person
  leavers: Person[]
  /** One for each room, to be removed from it. */
  guests: Person[]
  rooms: string[]
}

export interface CastOptions {
  urls: string[]
  counts: { rooms: number; writers: number; readers: number; leavers: number }
}

/** Registers everybody, makes the rooms, public and private in turn, and adds everybody to them. */
export async function assemble({ urls, counts }: CastOptions): Promise<Cast> {
  const register = (role: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) => signUp(urls[index % urls.length] ?? '', `${role} ${index + 1}`)),
    )
  const writers = await register('Writer', counts.writers)
  const readers = await register('Reader', counts.readers)
  const distants = await register('Distant', 1)
  const newcomers = await register('Newcomer', 1)
  const leavers = await register('Leaver', counts.leavers)
  const guests = await register('Guest', counts.rooms)
  const [owner, newcomer, distant] = [writers[0] as Person, newcomers[0] as Person, distants[0] as Person]
  const rooms: string[] = []
  for (let index = 0; index < counts.rooms; index += 1) {
    const roomId = await createRoom(owner, index % 2 === 0 ? 'PUBLIC' : 'PRIVATE')
    rooms.push(roomId)
    for (const { userId } of [...writers.slice(1), ...readers, distant, newcomer, ...leavers, guests[index] as Person])
      await owner.do('mutation ($input: AddMemberInput!) { addMember(input: $input) { userId } }', {
        input: { roomId, userId },
      })
  }
  return { writers, readers, distant, newcomer, leavers, guests, rooms }
}
