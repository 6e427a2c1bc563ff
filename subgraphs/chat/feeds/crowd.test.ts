import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createMemoryBroadcast } from '../../../platform/events/broadcast.memory.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { chatDefaults } from '../config.ts'
import type { Chat } from '../domain/chat.ts'
import { toCursor } from '../domain/cursor.ts'
import { positionOf } from '../domain/position.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { followRoom } from '../domain/room-events.ts'
import { createRoomLog } from '../log/room-log.ts'
import type { ChatStorage } from '../store/chat-store.contract.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { draftOf, happen, joined, makeRoom, sent } from '../testing/drafts.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { createArrivals } from './arrivals.ts'
import type { FeedLimits } from './feed-limits.ts'
import { createRoomFeeds } from './room-feeds.ts'

const logger = createLogger('chat', 'silent')
const never = 3_600_000
const few = 100
const missed = 150
const pageSize = 40

crowds('sqlite', 10_000, temporaryStorage)
// The stand-in for MongoDB takes its time to make members.
onServer('mongodb', (url) => crowds('mongodb', 2_000, async () => temporaryMongodbStorage(url)))

/** A chat node as it is after a restart: nobody listens, nothing is in memory, and all that was open comes back. */
function crowds(adapter: string, many: number, newStorage: () => Promise<ChatStorage>): void {
  describe(`a crowd that comes back to one room on ${adapter}`, () => {
    let storage: ChatStorage
    let store: ChatStore
    let roomId: string
    let head: number
    let cursors: string[]

    beforeAll(async () => {
      storage = await newStorage()
      store = await storage.open()
      roomId = await makeRoom(store)
      const users = Array.from({ length: many }, (_, index) => joined(`user${index}`))
      const texts = Array.from({ length: missed }, () => sent('text'))
      const all = [...users, ...texts]
      for (let from = 0; from < all.length; from += 200) await happen(store, roomId, ...all.slice(from, from + 200))
      head = 1 + all.length
      const log = await store.log.read(roomId, 0, head)
      cursors = log.map((event) => toCursor(roomId, positionOf(event)))
    }, 120_000)
    afterAll(async () => {
      await store.close()
      await storage.remove()
    })

    const startNode = (given: Partial<FeedLimits> = {}) => {
      const reads: string[] = []
      const counting: ChatStore = { ...store, log: counted(store.log, reads), state: counted(store.state, reads) }
      // The heads are compared by time, for all rooms at once: that would only blur the count.
      const limits = {
        ...chatDefaults.feeds,
        pageSize,
        pageAge: never,
        checkEvery: never,
        checkEveryDisconnected: never,
        ...given,
      }
      const feeds = createRoomFeeds({ log: counting.log, broadcast: createMemoryBroadcast(logger), logger, limits })
      const arrivals = createArrivals({ store: counting, maxWaiting: many, snapshotBytes: chatDefaults.snapshotBytes })
      const log = createRoomLog({ store: counting, logger, limits: chatDefaults.commits, onCommitted: () => {} })
      const stop = async () => {
        await arrivals.close()
        await feeds.close()
      }
      const chat: Chat = { store: counting, log, feeds, arrivals, maxReplay: 10_000 }
      return { chat, reads, stop }
    }
    /** Follows as this user until it has caught up; gives the number of events before. Throws when one is missing or comes twice. */
    const comeBack = async (chat: Chat, index: number, after?: number) => {
      const viewer = { userId: `user${index}`, sessionId: 's', keyId: 'key', expiresAt: 4_000_000_000 }
      const cursor = after === undefined ? undefined : cursors[after - 1]
      const events = await followRoom(chat, viewer, roomId, cursor)
      let last = after ?? 0
      for await (const { delivery } of events) {
        if ('type' in delivery) {
          expect([delivery.type, delivery.seq]).toEqual([cursor ? 'CaughtUp' : 'RoomSnapshot', head])
          break
        }
        if (delivery.seq !== last + 1) throw new Error(`${delivery.seq} came after ${last}`)
        last = delivery.seq
      }
      return last - (after ?? 0)
    }
    /** How following ends for a user: with an event of the log that ends it, or before it begins. */
    const endOf = async (chat: Chat, index: number, after?: number) => {
      const viewer = { userId: `user${index}`, sessionId: 's', keyId: 'key', expiresAt: 4_000_000_000 }
      const cursor = after === undefined ? undefined : cursors[after - 1]
      const events = await followRoom(chat, viewer, roomId, cursor).catch(() => undefined)
      if (!events) return 'refused'
      const seen: RoomEvent[] = []
      for await (const { delivery } of events) if ('change' in delivery) seen.push(delivery)
      const change = seen.at(-1)?.change
      return change && 'userId' in change && change.userId === viewer.userId ? change.type : 'lost'
    }
    /** All at once, each from a position of its own in the last pages; or without one. Gives what they got and what was read. */
    const readsOf = async (size: number, from: (index: number) => number | undefined) => {
      const { chat, reads, stop } = startNode()
      const got = await Promise.all(Array.from({ length: size }, (_, index) => comeBack(chat, index, from(index))))
      await stop()
      return { got: got.reduce((sum, each) => sum + each, 0), reads: reads.toSorted() }
    }

    it(`reads the store for ${many} that resume as often as for ${few}`, async () => {
      const from = (index: number) => head - ((index * 7) % missed)
      const small = await readsOf(few, from)
      const large = await readsOf(many, from)
      expect(large.got).toBe(Array.from({ length: many }, (_, index) => (index * 7) % missed).reduce((a, b) => a + b))
      expect(large.reads).toEqual(small.reads)
      expect(small.reads.length).toBeLessThanOrEqual(15)
    }, 120_000)

    it(`reads the store for ${many} that want a snapshot as often as for ${few}`, async () => {
      const small = await readsOf(few, () => undefined)
      const large = await readsOf(many, () => undefined)
      expect(large.reads).toEqual(small.reads)
      expect(large.reads.filter((name) => name === 'messages')).toHaveLength(2)
    }, 120_000)

    it('lets nobody in who is removed meanwhile: they are refused, or see it and are at the end', async () => {
      const { chat, stop } = startNode({ checkEvery: 5 })
      const ends: Promise<string>[] = []
      const removed = Array.from({ length: 60 }, (_, index) => many - 1 - index)
      for (const index of removed) {
        const userId = `user${index}`
        ends.push(endOf(chat, index, index % 3 ? head : undefined))
        // So that the removals fall into every part of a lookup, by turns.
        for (let turn = 0; turn < index % 7; turn += 1) await new Promise(setImmediate)
        await happen(store, roomId, draftOf({ type: 'MemberLeft', userId, reason: 'REMOVED' }))
      }
      const others = (await Promise.all(ends)).filter((end) => end !== 'refused' && end !== 'MemberLeft')
      expect(others).toEqual([])
      await stop()
    }, 120_000)
  })
}

/** The same port; every call is noted by its name. */
const counted = <Port extends object>(port: Port, calls: string[]): Port =>
  Object.fromEntries(
    Object.entries(port).map(([name, call]) => [
      name,
      (...values: unknown[]) => {
        calls.push(name)
        return call(...values)
      },
    ]),
  ) as Port
