import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from '../../clients.ts'
import type { Sends } from '../verdict/sends.ts'
import { persist } from './persist.ts'

export interface WritersOptions {
  urls: string[]
  rooms: string[]
  people: Person[]
  sends: Sends
  /** How many requests may be on their way. While a part is away they wait, each with its sends. */
  lanes: number
  /** How many sends go in one request. */
  batch: number
  /** Sends that all of them together begin in a second. */
  rate: number
  /** Whether readers are so far behind that writers have to wait: past a bound they would rightly be given a snapshot. */
  isTooFast(): boolean
  isOver(): boolean
  /** Hears what a request failed with, each time it did. */
  onFailure(code: string): void
  /** When a send is given up, as `performance.now()` tells it. */
  deadline(): number
}

/** Writes until it is over: each lane sends, under ids of its own, until what it sent is acknowledged. */
export async function write(options: WritersOptions): Promise<void> {
  const { rooms, people, lanes, batch, isTooFast, isOver } = options
  const pace = createPace(options.rate / batch)
  const lane = async (_: unknown, index: number) => {
    const writer = index % people.length
    for (let count = index; !isOver(); count += 1) {
      await pace()
      while (isTooFast() && !isOver()) await pause(50)
      if (isOver()) return
      await sendTo(options, { room: count % rooms.length, writer, count: batch })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Sends so many messages in one request, until all are acknowledged: one that fails takes the replies of the others with it. */
export async function sendTo(
  { urls, rooms, people, sends, onFailure, deadline }: WritersOptions,
  { room, writer, count }: { room: number; writer: number; count: number },
): Promise<void> {
  const person = people[writer] as Person
  const group = Array.from({ length: count }, () => sends.begin(room, writer))
  const inputs = group.map((each) => ({ roomId: rooms[room], text: String(each), clientMessageId: randomUUID() }))
  const variables = Object.fromEntries(inputs.map((input, index) => [`i${index}`, input]))
  const reply = await persist<Record<string, { message: { seq: number } }>>({
    urls,
    first: group[0] ?? 0,
    ask: (url) => person.at(url).try(mutationOf(count), variables),
    deadline,
    onFailure,
  })
  if (!reply || 'code' in reply) return
  for (const [index, each] of group.entries()) sends.acknowledge(each, reply.data?.[`m${index}`]?.message.seq ?? 0)
}

/** Always the same text for as many sends: gateways keep the plan of an operation. */
const mutationOf = (count: number) => {
  const numbers = Array.from({ length: count }, (_, index) => index)
  return `mutation (${numbers.map((each) => `$i${each}: SendMessageInput!`).join(', ')}) {
    ${numbers.map((each) => `m${each}: sendMessage(input: $i${each}) { message { seq } }`).join(' ')}
  }`
}
/** Resolves `perSecond` times a second. What was not used while everybody waited is not made up for. */
function createPace(perSecond: number): () => Promise<void> {
  let next = performance.now()
  return async () => {
    const now = performance.now()
    next = Math.max(next + 1_000 / perSecond, now - 200)
    if (next > now) await pause(next - now)
  }
}
