import type { Resources } from '../../platform/lifecycle/resources.ts'
import { startChild } from '../processes/child.ts'
import type { Seat, Swarm } from '../processes/swarm.ts'

/** A server with listeners whose deliveries cost something. */
export interface Contender {
  /** Seats listeners until there are so many. */
  grow(to: number): Promise<void>
  /** Sends so many messages, `atOnce` at a time, and gives the processor time it took, in microseconds. */
  deliver(messages: number, atOnce: number): Promise<Spent>
  /** The last frame that a listener got. */
  sample(): Promise<string>
}

export interface Spent {
  /** Of the process that writes to the sockets. */
  server: number
  /** Of chat, where there is one. */
  chat?: number
}

export interface ContenderOptions {
  resources: Resources
  seat: Seat
  /** Sends so many messages at once. */
  send(count: number): Promise<unknown>
  /** Processor time so far. */
  spent(): Promise<Spent>
}

export function createContender({ resources, seat, send, spent }: ContenderOptions): Contender {
  const swarm = resources.own(startChild<Swarm>('swarm'))
  let size = 0
  return {
    async grow(to) {
      await swarm.ask('open', Array(to - size).fill(seat))
      size = to
    },
    async deliver(messages, atOnce) {
      await swarm.ask('clear')
      const before = await spent()
      for (let sent = 0; sent < messages; sent += atOnce) {
        await send(atOnce)
        await swarm.ask('received', (sent + atOnce) * size)
      }
      const after = await spent()
      return { server: after.server - before.server, chat: (after.chat ?? 0) - (before.chat ?? 0) }
    },
    sample: () => swarm.ask('sample'),
  }
}
