import { afterEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '../../../platform/errors/app-error.ts'
import type { SignedInUser } from '../../../platform/identity/viewer.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { catchUp } from '../log/catch-up.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { violations } from '../testing/room-invariants.ts'
import { apply, noRoom, ownersOf, type RoomModel } from '../testing/room-model.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { createTestChat } from '../testing/test-chat.ts'
import type { Chat } from './chat.ts'
import { toCursor } from './cursor.ts'
import { addMember, changeRole, joinRoom, leaveRoom, markRead, removeMember } from './members.ts'
import { deleteMessage, editMessage, sendMessage } from './messages.ts'
import { origin, positionOf } from './position.ts'
import type { RoomEvent, RoomRole } from './room-event.ts'
import { followRoom } from './room-events.ts'
import { createRoom, findRoom, updateRoom } from './rooms.ts'

const doors = [
  'send',
  'repeat',
  'edit',
  'delete',
  'join',
  'leave',
  'add',
  'remove',
  'ban',
  'role',
  'update',
  'read',
] as const

const person = (index: number): SignedInUser => ({
  userId: `user-${index}`,
  sessionId: `session-${index}`,
  keyId: 'key',
  expiresAt: 4_000_000_000,
})
const people = [0, 1, 2, 3].map(person)

/** One thing that somebody tries. Numbers are taken modulo what there is. */
interface Attempt {
  door: (typeof doors)[number]
  process: 0 | 1
  who: number
  whom: number
  message: number
  role: RoomRole
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  door: fc.constantFrom(...doors, 'send', 'edit', 'join', 'add', 'leave'),
  process: fc.constantFrom(0, 1),
  who: fc.nat(3),
  /** One more than there are: nobody has that id. */
  whom: fc.nat(people.length),
  message: fc.nat(5),
  role: fc.constantFrom('OWNER', 'MODERATOR', 'MEMBER'),
})

/** What happens at once, and how far the clock is off meanwhile, in milliseconds. */
const step = fc.record({
  attempts: fc.array(attempt, { minLength: 1, maxLength: 3 }),
  clock: fc.integer({ min: -30_000, max: 30_000 }),
})

const history = fc.record({
  kind: fc.constantFrom('PUBLIC' as const, 'PRIVATE' as const),
  steps: fc.array(step, { minLength: 5, maxLength: 25 }),
})
type History = typeof history extends fc.Arbitrary<infer T> ? T : never

interface Storage {
  open(): Promise<ChatStore>
  /** Everything that is stored, as text. */
  dump(): Promise<string>
  remove(): Promise<void>
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T

/** Plays the history by two processes on one storage, and gives the texts that nobody may be given any more. */
async function play(chats: Chat[], roomId: string, steps: History['steps']) {
  const sends: { who: SignedInUser; clientMessageId: string; id: string }[] = []
  const texts: string[] = []
  const newText = () => {
    const text = `text ${uuidv7()}`
    texts.push(text)
    return text
  }
  const tryIt = async ({ door, process, who, whom, message, role }: Attempt): Promise<unknown> => {
    const chat = at(chats, process)
    const viewer = at(people, who)
    const userId = people[whom]?.userId ?? 'nobody'
    const known = sends.length > 0 ? at(sends, message) : undefined
    switch (door) {
      case 'send': {
        const clientMessageId = uuidv7()
        const sent = await sendMessage(chat, viewer, { roomId, text: newText(), clientMessageId })
        return sends.push({ who: viewer, clientMessageId, id: sent.message.id })
      }
      case 'repeat':
        return (
          known && sendMessage(chat, known.who, { roomId, text: newText(), clientMessageId: known.clientMessageId })
        )
      case 'edit':
        return known && editMessage(chat, message % 3 === 0 ? viewer : known.who, known.id, newText())
      case 'delete':
        return known && deleteMessage(chat, viewer, known.id)
      case 'join':
        return joinRoom(chat, viewer, roomId)
      case 'leave':
        return leaveRoom(chat, viewer, roomId)
      case 'add':
        return addMember(chat, viewer, roomId, userId, role)
      case 'remove':
      case 'ban':
        return removeMember(chat, viewer, roomId, userId, door === 'ban')
      case 'role':
        return changeRole(chat, viewer, roomId, userId, role)
      case 'update':
        return updateRoom(chat, viewer, roomId, { name: `Name ${message}` })
      case 'read': {
        const [event] = await chat.store.log.read(roomId, message * 4, 1)
        return event && markRead(chat, viewer, roomId, positionOf(event))
      }
    }
  }
  const now = Date.now
  for (const { attempts, clock } of steps) {
    jest.spyOn(Date, 'now').mockImplementation(() => now() + clock)
    const outcomes = await Promise.allSettled(attempts.map(tryIt))
    for (const outcome of outcomes)
      if (outcome.status === 'rejected' && !(outcome.reason instanceof AppError)) throw outcome.reason
  }
  jest.restoreAllMocks()
  return { sends, texts }
}

function fold(events: RoomEvent[]): RoomModel {
  let room = noRoom
  for (const event of events) {
    const next = apply(room, event)
    expect({ event: event.seq, violations: violations(room, event, next) }).toEqual({
      event: event.seq,
      violations: [],
    })
    room = next
  }
  return room
}

/** The store's state is what the events add up to. */
async function expectProjected({ store }: Chat, roomId: string, model: RoomModel): Promise<void> {
  const room = await catchUp(store, roomId)
  const counts = { memberCount: model.members.size, ownerCount: ownersOf(model).length }
  expect(room).toMatchObject({ projected: model.head, name: model.name, kind: model.kind, ...counts })
  for (const { userId } of people) {
    expect((await store.state.memberships(userId, [roomId]))[0]).toEqual(model.members.get(userId))
    expect(await store.state.isBanned(roomId, userId)).toBe(model.banned.has(userId))
  }
  expect(await store.state.messagesById([...model.messages.keys()])).toEqual(
    expect.arrayContaining([...model.messages.values()]),
  )
}

/** Whatever somebody who comes now is given: the snapshot, and a replay from each position. */
async function givenTo(viewer: SignedInUser, chat: Chat, roomId: string, events: RoomEvent[]): Promise<unknown[]> {
  const given: unknown[] = [await chat.store.state.messages(roomId, { take: 'last', count: 100 })]
  for (const after of [undefined, ...[origin, ...events.map(positionOf)].map((place) => toCursor(roomId, place))]) {
    for await (const step of await followRoom(chat, viewer, roomId, after)) {
      given.push(step)
      if (!('change' in step.delivery)) break
    }
  }
  return given
}

async function hold(storage: Storage, { kind, steps }: History): Promise<void> {
  const stores = [await storage.open(), await storage.open()]
  const parts = stores.map((store) => createTestChat(store))
  const chats = parts.map(({ chat }) => chat)
  const [chat] = chats as [Chat]
  await chat.store.people.add(people.map(({ userId }) => userId))
  const roomId = await createRoom(chat, at(people, 0), { name: 'Room', kind, topic: null })
  const { sends, texts } = await play(chats, roomId, steps)

  const events = await chat.store.log.read(roomId, 0, 10_000)
  const model = fold(events)
  expect(JSON.stringify(events)).not.toContain('nobody')
  await expectProjected(chat, roomId, model)
  const standing = new Set([...model.messages.values()].map(({ text }) => text))
  const redacted = texts.filter((text) => !standing.has(text))

  const given: unknown[] = [events, await chat.store.log.unpublished(10_000)]
  for (const { who, clientMessageId } of sends)
    given.push(await sendMessage(chat, who, { roomId, text: 'again', clientMessageId }))
  const [member] = model.members.keys()
  if (member)
    for (const each of chats) given.push(await givenTo({ ...person(0), userId: member }, each, roomId, events))
  else if (kind === 'PRIVATE') for (const who of people) expect(await findRoom(chat, who, roomId)).toBeUndefined()
  const dumped = await storage.dump()
  for (const part of parts) await part.close()
  for (const store of stores) await store.close()
  const everything = JSON.stringify(given) + dumped + (await storage.dump())
  expect(redacted.filter((text) => everything.includes(text))).toEqual([])
}

async function holdAll(newStorage: () => Promise<Storage>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(history, async (played) => {
      const storage = await newStorage()
      try {
        await hold(storage, played)
      } finally {
        jest.restoreAllMocks()
        await storage.remove()
      }
    }),
    { numRuns, endOnFailure: true },
  )
}

describe('a room, after any history by two processes whose clocks are off', () => {
  afterEach(() => void jest.restoreAllMocks())

  it('keeps its rules at every event, and gives no text that was replaced or deleted, on sqlite', async () => {
    await holdAll(temporaryStorage, 40)
  }, 120_000)

  onServer('mongodb', (url) => {
    it('keeps its rules at every event, and gives no text that was replaced or deleted, on mongodb', async () => {
      await holdAll(async () => temporaryMongodbStorage(url), 4)
    }, 300_000)
  })
})
