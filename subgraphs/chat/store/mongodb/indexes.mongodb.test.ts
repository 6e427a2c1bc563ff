import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Document, MongoClient } from 'mongodb'
import { serverUrl } from '../../../../platform/testing/server-urls.ts'
import { onServer } from '../../../../platform/testing/servers.ts'
import type { Message } from '../../domain/room-event.ts'
import { deleted, draftOf, edited, happen, joined, roomUpdated, sent } from '../../testing/drafts.ts'
import { temporaryMongodbStorage } from '../../testing/temporary-store.mongodb.ts'
import type { ChatStore } from '../chat-store.ts'
import { collectionsOf, makeIndexes } from './collections.mongodb.ts'
import { createPeople } from './people.mongodb.ts'
import { createRoomLog } from './room-log.mongodb.ts'
import { createRoomState } from './room-state.mongodb.ts'

/** A read, or one update, as the store sent it. */
interface Query {
  collection: string
  filter: Document
  command: Document
}

// MongoDB's own server says what it was built from; the stand-in does not, and has no `explain`. CI runs this on the official image.
const url = serverUrl('mongodb')
const explains = url !== undefined && (await isMongod(url))

async function isMongod(at: string): Promise<boolean> {
  const client = new MongoClient(at)
  try {
    return 'gitVersion' in (await client.db().admin().buildInfo())
  } finally {
    await client.close()
  }
}

onServer('mongodb', (server) =>
  describe('every query on mongodb', () => {
    const storage = temporaryMongodbStorage(server)
    let client: MongoClient
    let queries: Query[]

    beforeAll(async () => {
      client = new MongoClient(storage.url, { monitorCommands: true })
      const collections = collectionsOf(client.db())
      await makeIndexes(collections)
      queries = []
      client.on('commandStarted', ({ command }) => queries.push(...queriesOf(command)))
      await useAll({
        log: createRoomLog(collections),
        state: createRoomState(collections),
        people: createPeople(collections),
      })
    })
    afterAll(async () => {
      await client.close()
      await storage.remove()
    })

    const planOf = async (command: Document) => {
      const plans = winningPlans(await client.db().command({ explain: command, verbosity: 'queryPlanner' }))
      if (plans.length === 0) throw new Error('There is no plan')
      return JSON.stringify(plans)
    }

    it('begins with the first field of an index', async () => {
      const leading: Record<string, Set<string>> = {}
      for (const collection of ['room_log', 'rooms', 'members', 'messages', 'people']) {
        const indexes = await client.db().collection(collection).indexes()
        leading[collection] = new Set(indexes.flatMap(({ key }) => Object.keys(key)[0] ?? []))
      }
      const unled = queries.filter(
        ({ collection, filter }) => !Object.keys(filter).some((field) => leading[collection]?.has(field)),
      )
      expect(unled).toEqual([])
      expect(new Set(queries.map(({ collection }) => collection))).toEqual(new Set(Object.keys(leading)))
      expect(queries.length).toBeGreaterThan(25)
    })

    if (explains) {
      it('is answered by an index', async () => {
        for (const { command } of queries)
          expect([command, await planOf(command)]).toEqual([command, expect.not.stringContaining('"COLLSCAN"')])
      })

      it('reads one entry a room for the heads', async () => {
        const heads = queries.filter(({ collection, command }) => collection === 'room_log' && command.aggregate)
        expect(heads).not.toEqual([])
        for (const { command } of heads) expect(await planOf(command)).toContain('"DISTINCT_SCAN"')
      })
    }
  }),
)

/** Calls every method, with something to find. */
async function useAll({ log, state, people }: Pick<ChatStore, 'log' | 'state' | 'people'>): Promise<void> {
  const store: ChatStore = { log, state, people, ready: async () => true, close: async () => {} }
  await happen(
    store,
    'a',
    roomUpdated('General'),
    joined('ann', 'OWNER'),
    joined('bob'),
    sent('one'),
    sent('two'),
    draftOf({ type: 'ReadUpTo', userId: 'bob', upTo: 4 }),
    draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'BANNED' }),
  )
  const [message] = await state.lastMessages(['a'])
  await happen(store, 'a', edited(message as Message, 'edited'), deleted(message as Message))
  await people.add(['bob'])
  await people.isKnown('bob')
  await log.find('a', 'key')
  await log.heads(['a', 'b'])
  await log.unpublished(10)
  await log.markPublished([
    { roomId: 'a', seq: 1 },
    { roomId: 'a', seq: 2 },
  ])
  await state.rooms(['a'])
  for (const after of [undefined, { joinedAt: 2_000, roomId: 'b' }]) await state.roomsOf('ann', { first: 10, after })
  for (const after of [undefined, { name: 'A', roomId: 'b' }]) {
    await state.publicRooms('', { first: 10, after })
    await state.publicRooms('gen.', { first: 10, after })
  }
  await state.memberships('ann', ['a', 'b'])
  await state.membersAmong('a', ['ann', 'bob'])
  await state.withoutOwner('', 10)
  await state.isBanned('a', 'bob')
  await state.members('a', { first: 10, after: 1 })
  await state.messagesById(['id'])
  for (const take of ['first', 'last'] as const) await state.messages('a', { take, count: 10, after: 1, before: 9 })
  await state.unread('bob', new Map([['a', 1]]), 10)
}

const ofTheConnection = ['lsid', 'txnNumber', '$db', '$clusterTime', '$readPreference', 'readConcern', 'writeConcern']

/** The reads and updates in a command, each so that it can be explained. */
function queriesOf(sent: Document): Query[] {
  const command = Object.fromEntries(Object.entries(sent).filter(([name]) => !ofTheConnection.includes(name)))
  const { find, aggregate, update, filter, pipeline, updates, ordered, ...more } = command
  if (find) return [{ collection: find, filter, command }]
  if (aggregate) return [{ collection: aggregate, filter: pipeline[0].$match, command }]
  if (!update) return []
  return updates.map((one: Document) => ({
    collection: update,
    filter: one.q,
    command: { update, updates: [one], ...more },
  }))
}

/** Whatever stands under `winningPlan`, wherever a command has it. */
function winningPlans(plan: unknown): unknown[] {
  if (typeof plan !== 'object' || plan === null) return []
  return Object.entries(plan).flatMap(([key, value]) => (key === 'winningPlan' ? [value] : winningPlans(value)))
}
