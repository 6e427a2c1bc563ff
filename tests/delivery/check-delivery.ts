import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createRoom, joinRoom, type Person, signUp, trySend } from '../clients.ts'
import { followThrough, type ResumingReader } from '../failures/resuming-reader.ts'
import { type Chance, createChance } from './chance.ts'
import type { Target } from './target.ts'
import { judge, type ReaderRecord, type SendRecord, type Verdict } from './verdict.ts'

export interface CheckOptions {
  target: Target
  seconds: number
  seed: number
  /** The names of the parts that are taken away, one at a time; all without it, none when it is empty. */
  kills?: string[]
  rooms?: number
  writers?: number
  /** Sends that all writers together try in a second. */
  rate?: number
  say?(line: string): void
}

export interface CheckResult {
  verdict: Verdict
  /** How often each part was taken away. */
  kills: Record<string, number>
}

/** How long everything may take to settle once nothing is taken away any more, in milliseconds. */
const settling = 90_000

/** Writes, reads, and takes parts away, as the public graph allows; then holds what was read against what was acknowledged. */
export async function checkDelivery(options: CheckOptions): Promise<CheckResult> {
  const {
    target,
    seconds,
    seed,
    kills: wanted,
    rooms: roomCount = 4,
    writers = 8,
    rate = 100,
    say = () => {},
  } = options
  const { urls } = target
  const url = (index: number) => urls[index % urls.length] ?? ''
  const people = await Promise.all(Array.from({ length: writers }, (_, index) => signUp(url(index), `Writer ${index}`)))
  const owner = people[0] as Person
  const rooms: string[] = []
  for (let index = 0; index < roomCount; index += 1) rooms.push(await createRoom(owner))
  for (const person of people.slice(1)) for (const room of rooms) await joinRoom(person, room)
  const readers = await Promise.all(
    rooms.flatMap((roomId) =>
      [urls, urls.toReversed()].map(async (order, index) => ({
        name: `reader ${index + 1} of ${roomId}`,
        roomId,
        reader: await followThrough(order, () => owner, roomId),
      })),
    ),
  )

  const sends: SendRecord[] = []
  const end = performance.now() + seconds * 1_000
  const write = async (person: Person, writer: number) => {
    for (let count = 0; performance.now() < end; count += 1) {
      const send: SendRecord = { roomId: rooms[count % rooms.length] ?? '', text: `${writer}/${count}` }
      sends.push(send)
      await persist(send, person, urls, writer + count, end + settling)
      await pause((1_000 * writers) / rate)
    }
  }
  const kills: Record<string, number> = {}
  const strike = async (chance: Chance) => {
    const parts = target.parts.filter(({ name }) => wanted === undefined || wanted.includes(name))
    for (let turn = shuffled(parts, chance); parts.length > 0 && performance.now() < end; ) {
      const part = turn.pop()
      if (!part) {
        turn = shuffled(parts, chance)
        continue
      }
      await pause(chance.between(500, 2_000))
      say(await part.strike(chance))
      kills[part.name] = (kills[part.name] ?? 0) + 1
    }
  }
  await Promise.all([...people.map(write), strike(createChance(seed))])
  await settle(sends, readers)
  const records = readers.map(
    ({ name, roomId, reader }): ReaderRecord => ({ name, roomId, arrivals: reader.arrivals() }),
  )
  await Promise.all(readers.map(({ reader }) => reader.close()))
  return { verdict: judge(sends, records), kills }
}

/** Sends until it is acknowledged, under one id, at the next gateway after each failure. */
async function persist(send: SendRecord, who: Person, urls: string[], first: number, deadline: number): Promise<void> {
  const clientMessageId = randomUUID()
  for (let tries = 0; performance.now() < deadline; tries += 1) {
    const url = urls[(first + tries) % urls.length] ?? ''
    const reply = await trySend(who.at(url), send.roomId, send.text, clientMessageId).catch(() => undefined)
    send.seq = reply?.data?.sendMessage.message.seq
    if (send.seq !== undefined) return
    await pause(100 + Math.random() * 300)
  }
}

/** Waits until every reader has everything that was acknowledged, or until patience ends: what is missing then is lost. */
async function settle(sends: SendRecord[], readers: { roomId: string; reader: ResumingReader }[]): Promise<void> {
  const acknowledged = Map.groupBy(
    sends.filter(({ seq }) => seq !== undefined),
    ({ roomId }) => roomId,
  )
  const last = new Map(
    [...acknowledged].map(([roomId, ofRoom]) => [roomId, Math.max(...ofRoom.map(({ seq }) => seq ?? 0))]),
  )
  await Promise.all(
    readers.map(({ roomId, reader }) =>
      reader
        .until('everything has come', (messages) => (messages.at(-1)?.seq ?? 0) >= (last.get(roomId) ?? 0), settling)
        .catch(() => {}),
    ),
  )
}

const shuffled = <T>(items: T[], chance: Chance): T[] =>
  items
    .map((item) => [chance.below(2 ** 30), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item)
