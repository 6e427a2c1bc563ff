import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../../dev/stack/programs.ts'
import { ask, createRoom, joinRoom, type Person, signUp, trySend } from '../clients.ts'
import { follow, type Reader } from '../reader.ts'
import { copyMongodbDatabase } from '../servers/database-copies.mongodb.ts'
import { hasServers, makePlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { startSystem } from '../system.ts'

/** A system whose chat store can be copied, and taken back to the copy. */
interface RestorableSystem {
  url: string
  /** Gives what takes the store back, while whatever works on it is stopped. */
  backUp(): Promise<() => Promise<void>>
  /** The same, beneath running processes; where the engine has any. */
  backUpBeneath?(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

const messagesAfter = `query ($roomId: ID!, $cursor: String) {
  room(id: $roomId) { messages(first: 100, after: $cursor) { edges { node { text } } } }
}`
const messagesBefore = `query ($roomId: ID!, $cursor: String) {
  room(id: $roomId) { messages(last: 100, before: $cursor) { edges { node { text } } } }
}`
const markRead = 'mutation ($roomId: ID!, $cursor: String!) { markRead(roomId: $roomId, upTo: $cursor) { readUpTo } }'
const unread = 'query ($roomId: ID!) { room(id: $roomId) { unreadCount viewerMembership { readUpTo } } }'

describe('a chat store that goes back to a backup, on the embedded engine', () =>
  restores(async () => {
    const parent = await mkdtemp(join(tmpdir(), 'parley-restore-'))
    const [dataDir, copy] = [join(parent, 'data'), join(parent, 'copy')]
    const port = await freePort()
    let system = await startSystem({ dataDir, port })
    const whileStopped = async (work: () => Promise<void>) => {
      await system.stop()
      await work()
      system = await startSystem({ dataDir, port })
    }
    return {
      url: system.url,
      async backUp() {
        await whileStopped(() => cp(dataDir, copy, { recursive: true }))
        return () =>
          whileStopped(async () => {
            await rm(dataDir, { recursive: true })
            await cp(copy, dataDir, { recursive: true })
          })
      },
      async stop() {
        await system.stop()
        await rm(parent, { recursive: true })
      },
    }
  }))

describe('a chat store that goes back to a backup, on real servers', () => {
  if (!hasServers()) return void it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  restores(async () => {
    const place = await makePlace()
    const { system, stop } = await startProcessesOnServers({}, { place })
    const { chat, gateway } = system.processes
    const backUpBeneath = () => copyMongodbDatabase(String(place.variables.MONGODB_URL))
    return {
      url: gateway[0]?.url ?? '',
      backUpBeneath,
      async backUp() {
        const restore = await backUpBeneath()
        return async () => {
          await Promise.all(chat.map((each) => each.end('SIGTERM')))
          await restore()
          await Promise.all(chat.map((each) => each.start()))
        }
      },
      stop,
    }
  })
})

function restores(start: () => Promise<RestorableSystem>): void {
  let system: RestorableSystem
  let ann: Person
  let ben: Person
  let roomId: string
  const readers: Reader[] = []

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
  }, 120_000)
  afterAll(async () => {
    for (const reader of readers) await reader.close()
    await system?.stop()
  }, 60_000)

  const newRoom = async () => {
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
  }
  const followRoom = (after?: string, who = ben) => {
    const reader = follow(system.url, who, roomId, after)
    readers.push(reader)
    return reader
  }
  const sendAll = async (...texts: string[]) => {
    for (const text of texts) await untilSent(text)
  }
  /** Sends again while what was restored comes back. */
  const untilSent = async (text: string, clientMessageId: string = randomUUID()) => {
    for (let tries = 0; ; tries += 1) {
      const reply = await trySend(ann, roomId, text, clientMessageId).catch((error: Error) => error)
      if (!(reply instanceof Error) && reply.data && !reply.errors) return reply.data.sendMessage
      if (tries > 100) throw new Error(`"${text}" could not be sent: ${JSON.stringify(reply)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const textsOf = (messages: { text: string }[] | undefined) => messages?.map(({ text }) => text)
  const typesOf = ({ events }: Reader) => events.map(({ __typename }) => __typename)
  const lastReset = ({ events }: Reader) =>
    events.findLast(({ __typename, reset }) => __typename === 'RoomSnapshot' && reset)
  const refusedField = async (query: string, cursor: string) => {
    const { errors } = await ask(system.url, query, { roomId, cursor }, ben.headers)
    return [errors?.[0]?.extensions.code, errors?.[0]?.extensions.field]
  }

  it('tells every reader who resumes that it went back, also when it has grown past their cursors since', async () => {
    await newRoom()
    await sendAll('kept 1', 'kept 2')
    const before = followRoom()
    await before.until(({ events }) => events.length === 1)
    const kept = before.cursor()
    const restore = await system.backUp()

    const lostId = randomUUID()
    await sendAll('lost 1', 'lost 2', 'lost 3')
    const lost = await untilSent('lost 4', lostId)
    const reader = followRoom(kept)
    await reader.until((seen) => seen.sent().length === 4)
    const cursors = reader.events.map(({ cursor }) => cursor).slice(-4)
    await restore()

    await sendAll('new 1', 'new 2', 'new 3', 'new 4', 'new 5', 'new 6')
    // More of one user at once than may catch up at a time: in a quiet room a reset is all that comes.
    const resuming = [...cursors, ...cursors].map((cursor) => followRoom(cursor))
    for (const resumed of resuming) {
      await resumed.until(({ events }) => events.length > 0)
      expect(resumed.events[0]).toMatchObject({ __typename: 'RoomSnapshot', reset: true })
      expect(textsOf(resumed.events[0]?.messages)).toEqual([
        ...['kept 1', 'kept 2'],
        ...['new 1', 'new 2', 'new 3', 'new 4', 'new 5', 'new 6'],
      ])
      expect(typesOf(resumed)).not.toContain('CaughtUp')
    }
    // What was there before the backup is there still, and what stands behind it is resumed from.
    const caughtUp = followRoom(kept)
    await caughtUp.until((seen) => typesOf(seen).includes('CaughtUp'))
    expect(textsOf(caughtUp.sent())).toEqual(['new 1', 'new 2', 'new 3', 'new 4', 'new 5', 'new 6'])

    const cursor = cursors.at(-1) as string
    expect(await refusedField(messagesAfter, cursor)).toEqual(['BAD_USER_INPUT', 'after'])
    expect(await refusedField(messagesBefore, cursor)).toEqual(['BAD_USER_INPUT', 'before'])
    expect(await refusedField(markRead, cursor)).toEqual(['BAD_USER_INPUT', 'upTo'])
    const counted = await ben.do<{ room: { unreadCount: number } }>(unread, { roomId })
    expect(counted.room.unreadCount).toBe(8)
    await ben.do(markRead, { roomId, cursor: caughtUp.cursor() })
    const read = await ben.do<{ room: { unreadCount: number } }>(unread, { roomId })
    expect(read.room.unreadCount).toBe(0)

    // A lost message that its client sends again is committed anew, once.
    const again = await untilSent('lost 4', lostId)
    expect(again).toMatchObject({ duplicate: false, message: { text: 'lost 4' } })
    expect(again.message.id).not.toBe(lost.message.id)
    expect((await untilSent('lost 4', lostId)).duplicate).toBe(true)
  }, 180_000)

  it('resets those who follow while it goes back beneath running processes', async () => {
    if (!system.backUpBeneath) return
    await newRoom()
    await sendAll('kept 1')
    const all = [followRoom(), followRoom(), followRoom(undefined, ann)]
    for (const reader of all) await reader.until(({ events }) => events.length > 0)
    const restore = await system.backUpBeneath()
    await sendAll('lost 1', 'lost 2')
    for (const reader of all) await reader.until((seen) => seen.sent().length === 2)
    await restore()
    // Perhaps before any node has noticed. A gateway may still hold what was lost, and then resets them.
    const newcomers = [followRoom(), followRoom(undefined, ann), followRoom(all[0]?.events[0]?.cursor)]
    for (const reader of all) {
      await reader.until((seen) => lastReset(seen) !== undefined)
      expect(textsOf(lastReset(reader)?.messages)).toEqual(['kept 1'])
    }
    await sendAll('new 1', 'new 2', 'new 3')
    for (const reader of all) {
      await reader.until((seen) => seen.sent().at(-1)?.text === 'new 3')
      expect(textsOf(reader.sent())).toEqual(['lost 1', 'lost 2', 'new 1', 'new 2', 'new 3'])
      expect(reader.ended).toBeUndefined()
    }
    for (const newcomer of newcomers) {
      await newcomer.until((seen) => seen.sent().at(-1)?.text === 'new 3')
      const standing = newcomer.events.findLastIndex(({ __typename }) => __typename === 'RoomSnapshot')
      expect(standing === 0 || newcomer.events[standing]?.reset).toBe(true)
      expect(JSON.stringify(newcomer.events.slice(standing))).not.toContain('lost')
      expect(newcomer.ended).toBeUndefined()
    }
  }, 180_000)
}
