import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from '../../clients.ts'
import type { Chance } from '../chance.ts'
import { after, until } from '../until.ts'
import type { ReaderRecord } from '../verdict/reader-record.ts'
import type { Sends } from '../verdict/sends.ts'
import { persist } from './persist.ts'

/** Somebody who is removed from a room and added to it again, all the time. */
export interface Guest {
  person: Person
  /** Their number among those who write. */
  writer: number
  room: number
  record: Pick<ReaderRecord, 'setInvited'>
}

export interface GuestsOptions {
  urls: string[]
  rooms: string[]
  owner: Person
  guests: Guest[]
  sends: Sends
  chance: Chance
  isOver(): boolean
  deadline(): number
}

const remove = `mutation ($roomId: ID!, $userId: ID!, $ban: Boolean) {
  removeMember(roomId: $roomId, userId: $userId, ban: $ban)
}`
const add = `mutation ($roomId: ID!, $userId: ID!) {
  addMember(input: { roomId: $roomId, userId: $userId }) { userId }
}`
const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } } }'

/** Removes, bans and adds guests until it is over, while they write. */
export async function comeAndGo(options: GuestsOptions): Promise<void> {
  await Promise.all(options.guests.flatMap((guest) => [removeAndAdd(options, guest), writeAsGuest(options, guest)]))
}

/** Makes them all members. To be repeated: a request that a dead gateway left behind may remove one again. */
export const admitAll = (options: GuestsOptions): Promise<unknown> =>
  Promise.all(options.guests.map((guest) => admit(options, guest)))

async function removeAndAdd(options: GuestsOptions, guest: Guest): Promise<void> {
  const { chance, isOver } = options
  while (!isOver()) {
    await until(isOver, after(chance.between(1_000, 4_000)))
    if (isOver()) return
    // Not found: an earlier try did it.
    const removal = await askOwner(options, guest, remove, { ban: chance.below(2) === 0 }, ['NOT_FOUND'])
    guest.record.setInvited(removal === undefined)
    await until(isOver, after(chance.between(500, 2_000)))
    await admit(options, guest)
  }
}

function admit(options: GuestsOptions, guest: Guest): Promise<unknown> {
  guest.record.setInvited(true)
  return askOwner(options, guest, add)
}

const askOwner = (
  { urls, rooms, owner, deadline }: GuestsOptions,
  { person, room }: Guest,
  query: string,
  more = {},
  settledBy: string[] = [],
) =>
  persist({
    urls,
    first: room,
    ask: (url) => owner.at(url).try(query, { roomId: rooms[room], userId: person.userId, ...more }),
    settledBy,
    deadline,
  })

/** One message at a time; refused ones are given up. */
async function writeAsGuest({ urls, rooms, sends, chance, isOver, deadline }: GuestsOptions, guest: Guest) {
  const { person, writer, room } = guest
  while (!isOver()) {
    await pause(chance.between(100, 500))
    const each = sends.begin(room, writer)
    const input = { roomId: rooms[room], text: String(each), clientMessageId: `${each}` }
    const reply = await persist<{ sendMessage: { message: { seq: number } } }>({
      urls,
      first: each,
      ask: (url) => person.at(url).try(send, { input }),
      settledBy: ['FORBIDDEN', 'NOT_FOUND'],
      deadline,
    })
    if (reply && 'data' in reply && reply.data) sends.acknowledge(each, reply.data.sendMessage.message.seq)
  }
}
