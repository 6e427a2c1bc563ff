import { setTimeout as pause } from 'node:timers/promises'
import type { Resources } from '../../platform/lifecycle/resources.ts'
import { type Person, send } from '../../tests/clients.ts'
import { makeCrowd, makePlaces, type Place } from '../clients/audience.ts'
import { openBareWriter } from '../clients/bare-writer.ts'
import { createChatWriter } from '../clients/chat-writer.ts'
import type { BareServer } from '../processes/bare-server.ts'
import { startChild } from '../processes/child.ts'
import { startParley } from '../processes/parley.ts'
import type { Seat, Swarm } from '../processes/swarm.ts'
import { type Bystanding, openBystander } from './bystander.ts'

/** One cut of all sockets, and their return. */
export interface Storm {
  /** When each had caught up, in milliseconds from the moment they all set out. */
  times: number[]
  retries: number
  /** How long a message in another room took, before and meanwhile, in milliseconds. */
  quiet: Bystanding
  bystander: Bystanding
  /** Processor time of the server meanwhile, and of chat, in microseconds. */
  spent: Spent
  /** Calls to the store meanwhile, by name; none where there is no store. */
  storeCalls: Record<string, number>
}

interface Spent {
  server: number
  chat: number
}

interface StormOptions {
  resources: Resources
  /** In the room of the crowd. */
  seats: Seat[]
  /** Whether a seat is taken: text of the frame that says so. */
  seatedBy: string
  bystander: Awaited<ReturnType<typeof openBystander>>
  /** Sends what the crowd misses. */
  whileAway(): Promise<unknown>
  /** Frames that each gets before it has caught up. */
  missed: number
  /** Processor time so far. */
  spent(): Promise<Spent>
  storeCalls?(): Promise<Record<string, number>>
}

const quietTime = 1_000
const crowdUsers = 50
const noCalls = async (): Promise<Record<string, number>> => ({})

async function createStorms(options: StormOptions): Promise<() => Promise<Storm>> {
  const { resources, seats, seatedBy, bystander, whileAway, missed, spent, storeCalls = noCalls } = options
  const swarm = resources.own(startChild<Swarm>('swarm'))
  await swarm.ask('open', seats, seatedBy)
  return async () => {
    const quiet = await bystander.during(pause(quietTime))
    await swarm.ask('cut')
    await whileAway()
    const before = await storeCalls()
    const spentBefore = await spent()
    const resuming = swarm.ask('resume')
    const meanwhile = await bystander.during(resuming)
    const { times, replayed, retries } = await resuming
    const { server, chat } = await spent()
    if (replayed !== missed * seats.length) throw new Error(`${replayed} frames were replayed, not ${missed} to each`)
    const after = Object.entries(await storeCalls()).map(([name, count]) => [name, count - (before[name] ?? 0)])
    return {
      times,
      retries,
      quiet,
      bystander: meanwhile,
      spent: { server: server - spentBefore.server, chat: chat - spentBefore.chat },
      storeCalls: Object.fromEntries(after),
    }
  }
}

/** Parley: its own process for the gateway and for chat. */
export async function openParley(resources: Resources, sockets: number, missed: number) {
  const { url, socketUrl, chatUrl, gateway, chat, passportKeys } = await startParley(resources)
  const [crowd, other] = (await makePlaces(url, 2)) as [Place, Place]
  const people = await makeCrowd(url, crowd.roomId, crowdUsers)
  const seatIn = ({ owner, roomId }: Place): Seat => ({ url: socketUrl, accessToken: owner.accessToken, roomId })
  const write = createChatWriter({ url: chatUrl, passportKeys, accessToken: crowd.owner.accessToken })
  const writeOne = () => write(crowd.roomId, 'a message of the usual length')
  const { message, caughtUp } = await recordFrames(resources, seatIn(crowd), writeOne)
  const whileAway = async () => {
    for (let count = 0; count < missed; count += 1) await writeOne()
  }
  const bystander = await openBystander(resources, seatIn(other), (text) => send(other.owner, other.roomId, text))
  const seats = Array.from({ length: sockets }, (_, index) =>
    seatIn({ ...crowd, owner: people[index % people.length] as Person }),
  )
  const storm = await createStorms({
    resources,
    seats,
    seatedBy: 'RoomSnapshot',
    bystander,
    whileAway,
    missed,
    spent: async () => ({ server: await gateway.ask('cpu'), chat: await chat.ask('cpu') }),
    storeCalls: async () => chat.ask('storeCalls'),
  })
  return { storm, frames: [...Array<string>(missed).fill(message), caughtUp] }
}

/** The frames of a message and of having caught up, as somebody gets them who comes back. */
async function recordFrames(resources: Resources, seat: Seat, write: () => Promise<void>) {
  const swarm = resources.own(startChild<Swarm>('swarm'))
  await swarm.ask('open', [seat])
  await swarm.ask('clear')
  await write()
  await swarm.ask('received', 1)
  const message = await swarm.ask('sample')
  await swarm.ask('cut')
  await swarm.ask('resume')
  const caughtUp = await swarm.ask('sample')
  await swarm.close()
  return { message, caughtUp }
}

/** A server of `ws` alone that gives whoever comes these frames. */
export async function openBare(resources: Resources, sockets: number, frames: string[]) {
  const server = resources.own(startChild<BareServer>('bare-server'))
  const url = await server.ask('start', frames)
  const write = await openBareWriter(resources, url)
  const bystander = await openBystander(resources, { url: `${url}/other` }, (text) => write('other', text))
  const seats: Seat[] = Array(sockets).fill({ url: `${url}/crowd`, accessToken: 'none', roomId: 'crowd' })
  const whileAway = async () => {}
  const storm = await createStorms({
    resources,
    seats,
    seatedBy: 'CaughtUp',
    bystander,
    whileAway,
    missed: frames.length - 1,
    spent: async () => ({ server: await server.ask('cpu'), chat: 0 }),
  })
  return { storm }
}
