import type { Resources } from '../../platform/lifecycle/resources.ts'
import { send } from '../../tests/clients.ts'
import { makePlaces, type Place } from '../clients/audience.ts'
import { openBareWriter } from '../clients/bare-writer.ts'
import { sharedClock, timedText } from '../clients/protocol.ts'
import { percentile } from '../harness/statistics.ts'
import { atRate } from '../load.ts'
import type { BareServer } from '../processes/bare-server.ts'
import { startChild } from '../processes/child.ts'
import type { Seat, Swarm } from '../processes/swarm.ts'

/** How messages fared that were sent at a rate. */
export interface Step {
  /** Sends that were not acknowledged. */
  failed: number
  /** Why the first of them was not. */
  problem?: string
  /** From the moment that a message was due until a listener had it, in milliseconds. */
  p50: number
  p99: number
}

/** Many small rooms. */
export interface Rooms {
  /** Sends so many messages a second, to one room after the other, and waits until all listeners have them. */
  run(perSecond: number, seconds: number): Promise<Step>
}

export interface RoomsOptions {
  rooms: number
  listeners: number
}

/** Parley, by way of its gateways in turn. */
export async function openParley(resources: Resources, urls: string[], { rooms, listeners }: RoomsOptions) {
  const [first = ''] = urls
  const places = await makePlaces(first, rooms)
  const at = (index: number) => urls[index % urls.length] ?? first
  const seats = Array.from({ length: rooms * listeners }, (_, index): Seat => {
    const { owner, roomId } = places[index % rooms] as Place
    return { url: `${at(index).replace(/^http/, 'ws')}/graphql`, accessToken: owner.accessToken, roomId }
  })
  return createRooms(resources, seats, listeners, (count, text) => {
    const { owner, roomId } = places[count % rooms] as Place
    return send(owner.at(at(count)), roomId, text)
  })
}

/** A server of `ws` alone. */
export async function openBare(resources: Resources, { rooms, listeners }: RoomsOptions): Promise<Rooms> {
  const url = await resources.own(startChild<BareServer>('bare-server')).ask('start')
  const write = await openBareWriter(resources, url)
  const seats = Array.from({ length: rooms * listeners }, (_, index): Seat => ({ url: `${url}/${index % rooms}` }))
  return createRooms(resources, seats, listeners, (count, text) => write(String(count % rooms), text))
}

async function createRooms(
  resources: Resources,
  seats: Seat[],
  listeners: number,
  write: (count: number, text: string) => Promise<unknown>,
): Promise<Rooms> {
  const swarm = resources.own(startChild<Swarm>('swarm'))
  await swarm.ask('open', seats)
  let sent = 0
  return {
    async run(perSecond, seconds) {
      await swarm.ask('clear')
      const { started, failed, problem } = await atRate({
        perSecond,
        goesOn: (count) => count < perSecond * seconds,
        work: (_, late) => write(sent++, timedText(sharedClock() - late * 1_000)),
      })
      // What was not acknowledged may be there all the same.
      await swarm.ask('received', (started - failed) * listeners, started * listeners)
      const { delays } = await swarm.ask('counts')
      return { failed, problem, p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) }
    },
  }
}
