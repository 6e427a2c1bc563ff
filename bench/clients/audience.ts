import { createRoom, joinRoom, type Person, signUp } from '../../tests/clients.ts'
import { eachOf } from '../load.ts'

/** A room and its owner, who listens and writes in it. */
export interface Place {
  owner: Person
  roomId: string
}

/** How many are signed up or made at a time. */
const atOnce = 16
const owners = 10

const signUpMany = (url: string, count: number) =>
  eachOf(Array.from({ length: count }), atOnce, (_, index) => signUp(url, `Person ${index}`))

/** Makes rooms, of a handful of owners: limits on a user's sockets are raised for benchmarks. */
export async function makePlaces(url: string, count: number): Promise<Place[]> {
  const people = await signUpMany(url, Math.min(owners, count))
  return eachOf(Array.from({ length: count }), atOnce, async (_, index) => {
    const owner = people[index % people.length] as Person
    return { owner, roomId: await createRoom(owner) }
  })
}

/** Makes members of the room: so many that what the gateway allows a user is not what holds them up. */
export async function makeCrowd(url: string, roomId: string, count: number): Promise<Person[]> {
  const people = await signUpMany(url, count)
  await eachOf(people, atOnce, (person) => joinRoom(person, roomId))
  return people
}
