import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../../../platform/testing/tcp-proxy.ts'
import { chatDefaults } from '../config.ts'
import { eventsOf, origin, positionOf } from '../domain/position.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { catchUp } from '../log/catch-up.ts'
import { createRoomLog } from '../log/room-log.ts'
import { appendAtHead, happen, makeRoom, sent } from '../testing/drafts.ts'
import { refusal, refusalCode } from '../testing/people.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { until } from '../testing/until.ts'
import { type MongodbChatStoreOptions, openMongodbChatStore } from './chat-store.mongodb.ts'
import type { ChatStore } from './chat-store.ts'

onServer('mongodb', (server) =>
  describe('chat store on a MongoDB that goes away', () => {
    let storage: ReturnType<typeof temporaryMongodbStorage>
    let proxy: TcpProxy
    let store: ChatStore
    let roomId: string
    let before: RoomEvent[]
    let opened: ChatStore[]

    const open = async (options: Omit<MongodbChatStoreOptions, 'url'>) => {
      const another = await openMongodbChatStore({ url: storage.urlThrough(proxy), ...options })
      opened.push(another)
      return another
    }
    beforeEach(async () => {
      opened = []
      storage = temporaryMongodbStorage(server)
      proxy = await startTcpProxy(server)
      store = await open({ deadline: 1_000 })
      roomId = await makeRoom(store)
      await happen(store, roomId, sent('first'))
      before = await events()
    })
    afterEach(async () => {
      await Promise.all(opened.map((each) => each.close()))
      await proxy.close()
      await storage.remove()
    })

    const events = () => store.log.read(roomId, 0, 10_000)
    const works = () => until('the store works again', async () => (await store.ready()) === true)

    const everyCall = (): Record<string, Promise<unknown>> => ({
      append: store.log.append(roomId, positionOf(before.at(-1) as RoomEvent), [sent('late'), sent('later')]),
      read: store.log.read(roomId, 0, 10),
      find: store.log.find(roomId, 'key'),
      heads: store.log.heads([roomId]),
      unpublished: store.log.unpublished(10),
      markPublished: store.log.markPublished(before.slice(0, 1)),
      project: store.state.project(before),
      rooms: store.state.rooms([roomId]),
      roomsOf: store.state.roomsOf('ann', { first: 10 }),
      publicRooms: store.state.publicRooms('', { first: 10 }),
      memberships: store.state.memberships('ann', [roomId]),
      membersAmong: store.state.membersAmong(roomId, ['ann']),
      isBanned: store.state.isBanned(roomId, 'ann'),
      members: store.state.members(roomId, { first: 10 }),
      messagesById: store.state.messagesById(['id']),
      messages: store.state.messages(roomId, { take: 'last', count: 10 }),
      lastMessages: store.state.lastMessages([roomId]),
      withoutOwner: store.state.withoutOwner('', 10),
      unread: store.state.unread('bob', new Map([[roomId, 0]]), 10),
    })
    const codes = async (calls: Record<string, Promise<unknown>>) =>
      Promise.all(Object.entries(calls).map(async ([name, call]) => [name, await refusalCode(call)]))
    const allUnavailable = () =>
      [...Object.keys(store.log), ...Object.keys(store.state)].map((name) => [name, 'UNAVAILABLE'])
    const sorted = (entries: unknown[][]) => entries.toSorted(([a], [b]) => String(a).localeCompare(String(b)))

    it('throws UNAVAILABLE from every call while there is none, and works when it is back', async () => {
      proxy.refuse()
      proxy.cut()
      expect(sorted(await codes(everyCall()))).toEqual(sorted(allUnavailable()))
      expect(await store.ready()).toBe(false)
      await proxy.accept()
      await works()
      expect(await events()).toEqual(before)
      expect(await appendAtHead(store, roomId, sent('back'))).toHaveLength(1)
      expect(await store.state.lastMessages([roomId])).toMatchObject([{ text: 'first' }])
    })

    it('throws UNAVAILABLE from every call while it hangs, and works when it goes on', async () => {
      proxy.freeze()
      expect(sorted(await codes(everyCall()))).toEqual(sorted(allUnavailable()))
      expect(await store.ready()).toBe(false)
      proxy.thaw()
      await works()
      // The append was given up, but may be done.
      await appendAtHead(store, roomId, sent('back'))
      const all = await events()
      expect(all.slice(0, before.length)).toEqual(before)
      expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1))
      const pending = (await store.log.unpublished(10)).map(({ seq }) => seq)
      expect(pending).toEqual(expect.arrayContaining(all.slice(before.length).map(({ seq }) => seq)))
    })

    it('tells clients nothing of where and how messages are stored', async () => {
      proxy.refuse()
      proxy.cut()
      const { message } = await refusal(store.log.heads([roomId]))
      expect(message).toBe('Rooms and messages cannot be reached right now. Try again.')
    })

    it('loses no connection to writes that a hanging server does not take', async () => {
      const few = await open({ connections: 1, deadline: 500 })
      const large = () => few.log.append('another', origin, [sent('x'.repeat(12_000_000))])
      proxy.freeze()
      // The first one is sent. In the time of the others the driver gives up its connection.
      for (let calls = 0; calls < 4; calls += 1) expect(await refusalCode(large())).toBe('UNAVAILABLE')
      proxy.thaw()
      await until('the store works again', async () => (await few.ready()) === true)
      expect(await few.log.heads([roomId])).toEqual(new Map([[roomId, positionOf(before.at(-1) as RoomEvent)]]))
    })

    it('works again after all its connections have ended at once, the one by which the driver watches the server among them', async () => {
      for (let round = 0; round < 3; round += 1) {
        // As long as the driver has no reason to look after the server, which it does at once only after half a second.
        for (let calls = 0; calls < 1_000; calls += 1) await store.log.heads([roomId])
        proxy.freeze()
        const calls = Array.from({ length: 6 }, () => store.log.heads([roomId]))
        for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate)
        proxy.hangUp()
        proxy.thaw()
        await Promise.allSettled(calls)
        await works()
      }
    }, 60_000)

    it('does each call once when its connection breaks, without anybody who asks again', async () => {
      let head = positionOf(before.at(-1) as RoomEvent)
      for (let round = 0; round < 30; round += 1) {
        const drafts = [sent(`${round}/1`), sent(`${round}/2`)]
        const appended = store.log.append(roomId, head, drafts)
        const read = store.log.heads([roomId])
        // Before it is sent, on its way, or on the way back.
        for (let turns = 0; turns < round; turns += 1) await new Promise(setImmediate)
        proxy.cut()
        expect(await appended).toEqual({ count: 2 })
        await read
        const events = eventsOf(roomId, head, drafts)
        const projected = store.state.project(events)
        proxy.cut()
        await projected
        head = positionOf(events[1] as RoomEvent)
      }
      const texts = (await events()).slice(before.length).map(({ change }) => 'text' in change && change.text)
      expect(texts).toEqual(Array.from({ length: 30 }, (_, round) => [`${round}/1`, `${round}/2`]).flat())
      expect((await store.state.rooms([roomId]))[0]?.projected).toEqual(head.seq)
    })

    it('has each send once, in one order, however often connections break and senders repeat', async () => {
      const log = createRoomLog({
        store,
        logger: createLogger('chat', 'silent'),
        limits: chatDefaults.commits,
        onCommitted: () => {},
      })
      const acknowledged = new Map<string, number>()
      const send = async (key: string) => {
        const draft = sent(key, 'ann', { key })
        for (;;) {
          const committed = await log
            .commit(roomId, { key, batchable: true, decide: () => [draft] })
            .catch(() => undefined)
          if (committed) return acknowledged.set(key, committed.events[0]?.seq ?? 0)
        }
      }
      const senders = Array.from({ length: 10 }, async (_, sender) => {
        for (let count = 0; count < 30; count += 1) await send(`${sender}/${count}`)
      })
      const all = Promise.all(senders)
      for (const cuts of [20, 60, 100, 140, 180, 220, 260]) {
        await until(`${cuts} are acknowledged`, () => acknowledged.size >= cuts)
        proxy.cut()
      }
      await all
      await log.close()
      const found = (await events()).slice(before.length)
      expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => before.length + 1 + index))
      expect(new Map(found.map(({ key, seq }) => [key, seq]))).toEqual(acknowledged)
      expect(found).toHaveLength(300)
      await catchUp(store, roomId)
      const messages = await store.state.messages(roomId, { after: before.length, take: 'first', count: 1_000 })
      expect(messages.items.map(({ seq }) => seq)).toEqual(found.map(({ seq }) => seq))
      expect(await store.log.unpublished(1_000)).toHaveLength(before.length + 300)
    })
  }),
)
