import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { onServer } from '../../../../platform/testing/servers.ts'
import { origin } from '../../domain/position.ts'
import { happen, joined, roomUpdated, sent } from '../../testing/drafts.ts'
import { temporaryMongodbStorage } from '../../testing/temporary-store.mongodb.ts'
import type { ChatStore } from '../chat-store.ts'
import { collectionsOf, makeIndexes } from './collections.mongodb.ts'
import { createPeople } from './people.mongodb.ts'
import { createRoomLog } from './room-log.mongodb.ts'
import { createRoomState } from './room-state.mongodb.ts'

// More than the driver's first batch of 101.
const many = Array.from({ length: 250 }, (_, index) => `${index}`)

onServer('mongodb', (server) => {
  const storage = temporaryMongodbStorage(server)
  let client: MongoClient
  let store: Pick<ChatStore, 'log' | 'state' | 'people'>
  /** What was sent, with the size of its first batch: a server that has no more than that needs not be asked again. */
  let commands: { name: string; batchSize: number }[]
  /** How many commands ran at the same time at most. */
  let mostAtOnce: number

  beforeAll(async () => {
    client = new MongoClient(storage.url, { monitorCommands: true })
    const collections = collectionsOf(client.db())
    await makeIndexes(collections)
    store = { log: createRoomLog(collections), state: createRoomState(collections), people: createPeople(collections) }
    const whole: ChatStore = { ...store, ready: async () => true, close: async () => {} }
    for (const roomId of many) await store.log.append(roomId, origin, [roomUpdated()])
    await happen(whole, 'a', roomUpdated(), ...many.map((userId) => joined(userId)))
    await happen(whole, 'a', ...many.map((text) => sent(text)))
    let running = 0
    client.on('commandStarted', ({ commandName: name, command }) => {
      commands.push({ name, batchSize: command.batchSize ?? command.cursor?.batchSize })
      running += 1
      mostAtOnce = Math.max(mostAtOnce, running)
    })
    const ended = () => {
      running -= 1
    }
    client.on('commandSucceeded', ended)
    client.on('commandFailed', ended)
  })
  beforeEach(() => {
    commands = []
    mostAtOnce = 0
  })
  afterAll(async () => {
    await client.close()
    await storage.remove()
  })

  it('the heads of many rooms are one round trip to mongodb', async () => {
    expect((await store.log.heads(many)).size).toBe(250)
    expect(commands).toEqual([{ name: 'aggregate', batchSize: 251 }])
  })

  it('many members of a room are one round trip to mongodb', async () => {
    expect(await store.state.membersAmong('a', many)).toHaveLength(250)
    expect(commands).toEqual([{ name: 'find', batchSize: 251 }])
  })

  it('a page of the log is one round trip to mongodb', async () => {
    expect(await store.log.read('a', 251, 200)).toHaveLength(200)
    expect(commands).toEqual([{ name: 'find', batchSize: 201 }])
  })

  it('what is asked of each room by itself leaves connections to mongodb for others', async () => {
    const positions = new Map([...many, 'a'].map((roomId) => [roomId, 0]))
    const counts = await store.state.unread('somebody', positions, 1_000)
    expect([...counts.keys()]).toEqual([...many, 'a'])
    expect(counts.get('a')).toBe(250)
    expect(await store.state.lastMessages([...many, 'a'])).toHaveLength(1)
    expect(commands.filter(({ name }) => name === 'aggregate')).toHaveLength(251)
    expect(mostAtOnce).toBeLessThanOrEqual(4)
    expect(mostAtOnce).toBeGreaterThan(1)
  })
})
