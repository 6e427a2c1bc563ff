import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { createRoom, joinRoom, type Person, send, signUp } from '../tests/clients.ts'
import { follow } from '../tests/reader.ts'
import { percentile } from './harness/statistics.ts'
import { throughput } from './load.ts'

export interface SystemFigures {
  /** `{ me … rooms … }`, answered by two subgraphs. */
  requestsPerSecond: number
  /** Acknowledged sends, in one room and in eight. */
  sendsPerSecondOneRoom: number
  sendsPerSecondEightRooms: number
  /** Milliseconds from the send to the subscriber at another gateway, at a rate that is no strain. */
  deliveryP50: number
  deliveryP99: number
}

const query = '{ me { displayName } rooms(first: 10) { edges { node { id name } } } }'

/** Puts a system under load: requests through all of its gateways in turn. */
export async function measureSystem(urls: string[], seconds: number): Promise<SystemFigures> {
  const url = (index: number) => urls[index % urls.length] ?? ''
  const people = await Promise.all(Array.from({ length: 8 }, (_, index) => signUp(url(index), `Person ${index}`)))
  const person = (index: number) => people[index % people.length] as Person
  const rooms = await Promise.all(people.map((each) => createRoom(each)))
  for (const each of people) for (const room of rooms) await joinRoom(each, room)
  const write = (room: number, lane: number) =>
    send(person(lane), rooms[room % rooms.length] ?? '', 'a message of the usual length')

  await throughput(16, 2, (lane) => person(lane).do(query))
  const requestsPerSecond = await throughput(16, seconds, (lane) => person(lane).do(query))
  const sendsPerSecondOneRoom = await throughput(32, seconds, (lane) => write(0, lane))
  const sendsPerSecondEightRooms = await throughput(32, seconds, (lane) => write(lane, lane))
  const delays = await deliveries(person(0), person(1), rooms[2] ?? '', url(1), seconds)
  return {
    requestsPerSecond,
    sendsPerSecondOneRoom,
    sendsPerSecondEightRooms,
    deliveryP50: percentile(delays, 0.5),
    deliveryP99: percentile(delays, 0.99),
  }
}

/** How long each message took from its send to a subscriber, in milliseconds; some twenty a second. */
async function deliveries(writer: Person, reader: Person, roomId: string, readerUrl: string, seconds: number) {
  const following = follow(readerUrl, reader, roomId)
  try {
    await following.until(({ events }) => events.length > 0)
    const delays: number[] = []
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; await pause(30)) {
      const text = `at ${performance.now()}`
      const start = performance.now()
      void send(writer, roomId, text).catch(() => {})
      await following.until((seen) => seen.sent().at(-1)?.text === text)
      delays.push(performance.now() - start)
    }
    return delays
  } finally {
    await following.close()
  }
}

/** Resident memory of a process, in megabytes. */
export const memoryOf = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
