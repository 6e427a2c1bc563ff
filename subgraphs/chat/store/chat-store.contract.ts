import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Page } from '../../../platform/graphql/page.ts'
import { foldName } from '../../../platform/text/fold-name.ts'
import { eventsOf, isNext, origin, type Position, positionOf } from '../domain/position.ts'
import { type Draft, type Message, type RoomEvent, sentMessage } from '../domain/room-event.ts'
import {
  appendAtHead,
  deleted,
  draftOf,
  edited,
  happen,
  joined,
  makeRoom,
  roomUpdated,
  sent,
} from '../testing/drafts.ts'
import type { ChatStore } from './chat-store.ts'

/** Where stores of one adapter keep their data: every `open` gives another store on the same data, until it is removed. */
export interface ChatStorage {
  open(): Promise<ChatStore>
  remove(): Promise<void>
}

/** What every `ChatStore` does. `newStorage` gives an empty one. */
export function chatStoreContract(adapter: string, newStorage: () => Promise<ChatStorage>): void {
  describe(`chat store on ${adapter}`, () => {
    let storage: ChatStorage
    let store: ChatStore
    let opened: ChatStore[]
    const open = async () => {
      const another = await storage.open()
      opened.push(another)
      return another
    }
    const reopen = async () => {
      await store.close()
      store = await open()
    }
    beforeEach(async () => {
      opened = []
      storage = await newStorage()
      store = await open()
    })
    afterEach(async () => {
      for (const each of opened) await each.close()
      await storage.remove()
    })

    const keysOf = (events: { key: string }[]) => events.map(({ key }) => key)
    const seqsOf = (items: { seq: number }[]) => items.map(({ seq }) => seq)
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
    const everything = (roomId: string) => store.log.read(roomId, 0, 10_000)
    const headOf = async (roomId: string) => (await store.log.heads([roomId])).get(roomId) ?? origin
    /** The position with this number; one that no log holds where there is no event. */
    const at = async (roomId: string, seq: number): Promise<Position> => {
      const [event] = seq === 0 ? [] : await store.log.read(roomId, seq - 1, 1)
      return event ? positionOf(event) : { seq, id: seq === 0 ? '' : 'of-no-event' }
    }

    /** Each event names the one before it, and no two have one id. */
    const expectChain = (events: RoomEvent[]) => {
      const positions = [origin, ...events.map(positionOf)]
      const broken = events.filter(
        (event, index) => !event.previous === index > 0 || !isNext(event, positions[index] ?? origin),
      )
      expect(broken).toEqual([])
      expect(new Set(positions.map(({ id }) => id)).size).toBe(positions.length)
    }

    /** As the room log does it: reads the head, appends there, and tries again when another was faster. */
    const appendWithRetries = async (into: ChatStore, roomId: string, drafts: Draft[]) => {
      for (;;) {
        const head = (await into.log.heads([roomId])).get(roomId) ?? origin
        const { count, stopped } = await into.log.append(roomId, head, drafts)
        if (stopped === undefined) return head.seq + count
        if (stopped !== 'head-moved') throw new Error(stopped)
        drafts = drafts.slice(count)
      }
    }

    describe('append', () => {
      it('numbers the events of a room from 1, each room by itself', async () => {
        const drafts = [sent('one'), sent('two'), sent('three')]
        expect(await store.log.append('a', await at('a', 0), drafts.slice(0, 2))).toEqual({ count: 2 })
        expect(await store.log.append('a', await at('a', 2), drafts.slice(2))).toEqual({ count: 1 })
        expect(await store.log.append('b', await at('b', 0), [sent('other')])).toEqual({ count: 1 })
        expect(await everything('a')).toEqual(eventsOf('a', origin, drafts))
        expect(seqsOf(await everything('b'))).toEqual([1])
      })

      it('does nothing for no drafts', async () => {
        expect((await store.log.append('a', await at('a', 0), [])).count).toBe(0)
        expect(await everything('a')).toEqual([])
      })

      it.each([0, 1, 3, 1_000])('refuses when the head is 2 and %i is given, and nothing went in', async (head) => {
        await appendAtHead(store, 'a', sent('one'), sent('two'))
        const late = [sent('late'), sent('later')]
        expect(await store.log.append('a', await at('a', head), late)).toEqual({ count: 0, stopped: 'head-moved' })
        expect(seqsOf(await everything('a'))).toEqual([1, 2])
        expect(await store.log.find('a', late[0]?.key ?? '')).toBeUndefined()
        expect(await store.log.append('a', await at('a', 2), late)).toEqual({ count: 2 })
      })

      it('refuses a head whose number another event has by now', async () => {
        await appendAtHead(store, 'a', sent('one'), sent('two'))
        const late = [sent('late')]
        for (const head of [
          { seq: 2, id: 'of-another-event' },
          { seq: 2, id: '' },
          { ...(await at('a', 1)), seq: 2 },
        ])
          expect(await store.log.append('a', head, late)).toEqual({ count: 0, stopped: 'head-moved' })
        expect(seqsOf(await everything('a'))).toEqual([1, 2])
      })

      it('keeps the id of each event, and of the one before it, whatever is redacted', async () => {
        const [, event] = await happen(store, 'a', roomUpdated(), sent('secret'), sent('more'))
        const message = sentMessage(event as RoomEvent)
        await happen(store, 'a', edited(message, 'another secret'))
        const before = await everything('a')
        await happen(store, 'a', deleted(message))
        const after = await everything('a')
        expect(after.slice(0, before.length).map(positionOf)).toEqual(before.map(positionOf))
        expectChain(after)
      })

      it('stops at a key that is in the log: what went in is the part before it', async () => {
        const first = sent('first')
        await appendAtHead(store, 'a', first)
        const again = { ...sent('again'), key: first.key }
        const drafts = [sent('two'), sent('three'), again, sent('four')]
        expect(await store.log.append('a', await at('a', 1), drafts)).toEqual({ count: 2, stopped: 'key-taken' })
        expect(keysOf(await everything('a'))).toEqual([first, ...drafts.slice(0, 2)].map(({ key }) => key))
        expect(await store.log.find('a', first.key)).toEqual(eventsOf('a', origin, [first])[0])
      })

      it('takes nothing in when the first key is taken', async () => {
        const first = sent('first')
        await appendAtHead(store, 'a', first)
        expect(await store.log.append('a', await at('a', 1), [first, sent('two')])).toEqual({
          count: 0,
          stopped: 'key-taken',
        })
        expect(seqsOf(await everything('a'))).toEqual([1])
      })

      it('stops at a key that is twice among the drafts', async () => {
        const one = sent('one')
        const drafts = [one, { ...sent('again'), key: one.key }, sent('two')]
        expect(await store.log.append('a', await at('a', 0), drafts)).toEqual({ count: 1, stopped: 'key-taken' })
        expect(keysOf(await everything('a'))).toEqual([one.key])
      })

      it('keeps keys unique in a room for ever, and only there', async () => {
        const draft = sent('first')
        await appendAtHead(store, 'a', draft)
        await reopen()
        expect(await store.log.append('a', await at('a', 1), [{ ...sent('x'), key: draft.key }])).toEqual({
          count: 0,
          stopped: 'key-taken',
        })
        expect(await store.log.append('b', await at('b', 0), [draft])).toEqual({ count: 1 })
      })

      it('tells keys apart by case and to the last character', async () => {
        const keys = ['ann:Key', 'ann:key', 'ann:key ', 'ann:kéy', 'ann:ke%', 'ann:ke_']
        const drafts = keys.map((key) => ({ ...sent('text'), key }))
        expect(await store.log.append('a', await at('a', 0), drafts)).toEqual({ count: keys.length })
        for (const [index, key] of keys.entries()) expect((await store.log.find('a', key))?.seq).toBe(index + 1)
      })

      it('keeps events as they were given, over a restart too', async () => {
        const text = '𝒰nïcode "quoted" \\ back\nline \u0000 end \u2028 $set.a.b {"$gt": 1}'
        const message: Message = {
          id: 'm1',
          roomId: 'a',
          senderId: 'ann',
          seq: 2,
          clientMessageId: 'c1',
          text,
          createdAt: 1_767_225_600_123,
          editedAt: null,
          deletedAt: null,
        }
        const drafts = [
          draftOf({ type: 'RoomUpdated', name: text, topic: null, kind: 'PRIVATE', ownerId: 'ann' }),
          draftOf({ type: 'MessageSent', messageId: 'm1', clientMessageId: 'c1', text }, { at: 1_767_225_600_123 }),
          draftOf({ type: 'MessageEdited', message: { ...message, editedAt: 5 } }),
          draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'BANNED' }),
          draftOf({ type: 'ReadUpTo', userId: 'bob', upTo: 2 }),
        ]
        await appendAtHead(store, 'a', ...drafts)
        await reopen()
        expect(await everything('a')).toEqual(eventsOf('a', origin, drafts))
      })

      it('gives consecutive numbers to concurrent writers: no hole, no repeat, nothing lost', async () => {
        const writers = Array.from({ length: 12 }, () => Array.from({ length: 10 }, () => sent('text')))
        await Promise.all(
          writers.map(async (drafts) => {
            for (const draft of drafts) await appendWithRetries(store, 'a', [draft])
          }),
        )
        const events = await everything('a')
        expect(seqsOf(events)).toEqual(upTo(120))
        expectChain(events)
        expect(keysOf(events).toSorted()).toEqual(keysOf(writers.flat()).toSorted())
        for (const drafts of writers) {
          const own = new Set(keysOf(drafts))
          expect(keysOf(events).filter((key) => own.has(key))).toEqual(keysOf(drafts))
        }
      })

      it('gives one order to two stores that race on the same storage', async () => {
        const other = await open()
        const batches = Array.from({ length: 40 }, (_, index) =>
          Array.from({ length: 1 + (index % 4) }, () => sent('text')),
        )
        await Promise.all(batches.map((drafts, index) => appendWithRetries(index % 2 ? other : store, 'a', drafts)))
        const events = await everything('a')
        expect(seqsOf(events)).toEqual(upTo(batches.flat().length))
        expectChain(events)
        expect(keysOf(events).toSorted()).toEqual(keysOf(batches.flat()).toSorted())
        expect(await other.log.read('a', 0, 10_000)).toEqual(events)
      })

      it('lets exactly one of two stores win a number', async () => {
        const other = await open()
        for (let head = 0; head < 20; head += 1) {
          const after = await at('a', head)
          const results = await Promise.all([store, other].map((each) => each.log.append('a', after, [sent('text')])))
          expect(results.map(({ count }) => count).toSorted()).toEqual([0, 1])
          expect(results.find(({ count }) => count === 0)?.stopped).toBe('head-moved')
        }
        expect(seqsOf(await everything('a'))).toEqual(upTo(20))
      })

      it('lets exactly one of two stores have a key', async () => {
        const other = await open()
        const draft = sent('once')
        const results = await Promise.allSettled([store, other].map((each) => appendWithRetries(each, 'a', [draft])))
        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
        expect(keysOf(await everything('a'))).toEqual([draft.key])
      })
    })

    describe('read, find and heads', () => {
      it('reads pages in order without a gap or a repeat', async () => {
        await appendAtHead(store, 'a', ...upTo(25).map((number) => sent(`${number}`)))
        await appendAtHead(store, 'b', sent('other'))
        const seen: RoomEvent[] = []
        for (let position = 0; ; position = seen.length) {
          const page = await store.log.read('a', position, 10)
          expect(page.length).toBeLessThanOrEqual(10)
          if (page.length === 0) break
          seen.push(...page)
        }
        expect(seqsOf(seen)).toEqual(upTo(25))
        expect(seqsOf(await store.log.read('a', 24, 10))).toEqual([25])
        expect(await store.log.read('a', 25, 10)).toEqual([])
        expect(await store.log.read('a', 999_999_999_999_999, 10)).toEqual([])
        expect(await store.log.read('none', 0, 10)).toEqual([])
      })

      it('finds an event by its key in its room only', async () => {
        const [event] = await appendAtHead(store, 'a', sent('text'))
        expect(await store.log.find('a', event?.key ?? '')).toEqual(event)
        expect(await store.log.find('b', event?.key ?? '')).toBeUndefined()
        expect(await store.log.find('a', 'unknown')).toBeUndefined()
      })

      it('gives the heads of many rooms; those without events are left out', async () => {
        await appendAtHead(store, 'a', sent('1'), sent('2'))
        await appendAtHead(store, 'b', sent('1'))
        expect(await store.log.heads(['a', 'none', 'b'])).toEqual(
          new Map(Object.entries({ a: await at('a', 2), b: await at('b', 1) })),
        )
        expect(await store.log.heads(['none'])).toEqual(new Map())
        expect(await store.log.heads([])).toEqual(new Map())
        await reopen()
        expect(await headOf('a')).toEqual(await at('a', 2))
      })
    })

    describe('unpublished and markPublished', () => {
      const places = (events: RoomEvent[]) => events.map(({ roomId, seq }) => `${roomId}${seq}`)

      it('gives every event until it is marked, the oldest first', async () => {
        const at = (moment: number) => sent('text', 'ann', { at: moment })
        await appendAtHead(store, 'b', at(200), at(400))
        await appendAtHead(store, 'a', at(100), at(300))
        const events = await store.log.unpublished(10)
        expect(places(events)).toEqual(['a1', 'b1', 'a2', 'b2'])
        expect(events[0]).toEqual((await everything('a'))[0])
        expect(places(await store.log.unpublished(3))).toEqual(['a1', 'b1', 'a2'])
        await store.log.markPublished([{ roomId: 'b', seq: 1 }])
        expect(places(await store.log.unpublished(10))).toEqual(['a1', 'a2', 'b2'])
      })

      it('keeps one room’s events of one moment in the order of the log', async () => {
        await appendAtHead(store, 'a', ...upTo(12).map((number) => sent(`${number}`)))
        expect(seqsOf(await store.log.unpublished(100))).toEqual(upTo(12))
      })

      it('remembers the marks over a restart', async () => {
        await appendAtHead(store, 'a', sent('1'), sent('2'), sent('3'))
        await store.log.markPublished([{ roomId: 'a', seq: 2 }])
        await reopen()
        expect(places(await store.log.unpublished(10))).toEqual(['a1', 'a3'])
      })

      it('marks only what it was told, again without harm, and nothing for what is not there', async () => {
        await appendAtHead(store, 'a', sent('1'), sent('2'))
        await appendAtHead(store, 'b', sent('1'), sent('2'))
        await store.log.markPublished([])
        await store.log.markPublished([{ roomId: 'a', seq: 1 }])
        await store.log.markPublished([
          { roomId: 'a', seq: 1 },
          { roomId: 'none', seq: 2 },
          { roomId: 'a', seq: 9 },
        ])
        expect(places(await store.log.unpublished(10)).toSorted()).toEqual(['a2', 'b1', 'b2'])
        expect(seqsOf(await everything('a'))).toEqual([1, 2])
        expect(await store.log.heads(['none'])).toEqual(new Map())
      })

      it('neither projecting nor scrubbing marks anything', async () => {
        await happen(store, 'a', roomUpdated(), sent('text'))
        const [message] = await store.state.lastMessages(['a'])
        await happen(store, 'a', deleted(message as Message))
        expect(places(await store.log.unpublished(10))).toEqual(['a1', 'a2', 'a3'])
        await store.log.markPublished(upTo(3).map((seq) => ({ roomId: 'a', seq })))
        await store.state.project(await everything('a'))
        expect(await store.log.unpublished(10)).toEqual([])
      })
    })

    describe('project', () => {
      const story = () => [
        roomUpdated('Story'),
        joined('ann', 'OWNER'),
        joined('bob'),
        sent('hello', 'ann'),
        sent('hi', 'bob'),
        draftOf({ type: 'ReadUpTo', userId: 'bob', upTo: 4 }),
      ]
      const stateOf = async (from: ChatStore, roomId: string) => ({
        rooms: await from.state.rooms([roomId]),
        members: await from.state.members(roomId, { first: 100 }),
        messages: await from.state.messages(roomId, { take: 'first', count: 100 }),
        last: await from.state.lastMessages([roomId]),
      })

      it('is not done by appending', async () => {
        await appendAtHead(store, 'a', ...story())
        expect(await store.state.rooms(['a'])).toEqual([])
        expect(await store.state.messages('a', { take: 'first', count: 10 })).toEqual({
          items: [],
          hasNextPage: false,
          hasPreviousPage: false,
        })
      })

      it('refuses events that the log does not hold, because it went back since', async () => {
        const events = await happen(store, 'a', roomUpdated(), sent('one'))
        const after = positionOf(events[1] as RoomEvent)
        const lost = eventsOf('a', after, [sent('lost'), sent('lost, too')])
        await expect(store.state.project(lost)).rejects.toThrow('went back')
        await appendAtHead(store, 'a', sent('another'), sent('and one more'))
        await expect(store.state.project(lost)).rejects.toThrow('went back')
        expect((await store.state.rooms(['a']))[0]?.projected).toBe(2)
        expect((await store.state.messages('a', { take: 'first', count: 10 })).items).toHaveLength(1)
      })

      it('does nothing for no events', async () => {
        await store.state.project([])
        expect(await store.state.rooms(['a'])).toEqual([])
      })

      it('survives a restart, and goes on where it was', async () => {
        const events = await appendAtHead(store, 'a', ...story())
        await store.state.project(events.slice(0, 4))
        await reopen()
        expect((await store.state.rooms(['a']))[0]?.projected).toBe(4)
        await store.state.project(events.slice(4))
        expect((await store.state.rooms(['a']))[0]?.projected).toBe(6)
      })

      it('comes to the same whether events come once, twice, one by one or in overlapping batches', async () => {
        const drafts = story()
        for (const roomId of ['a', 'b', 'c'])
          await appendAtHead(store, roomId, ...drafts.map((draft) => renamed(draft, roomId)))
        const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(everything))
        await store.state.project(a ?? [])
        for (const event of b ?? []) {
          await store.state.project([event])
          await store.state.project([event])
        }
        for (const [from, to] of [
          [0, 3],
          [1, 4],
          [0, 2],
          [3, 6],
          [0, 6],
        ] as const)
          await store.state.project((c ?? []).slice(from, to))
        const anonymous = async (roomId: string) =>
          JSON.parse(
            JSON.stringify(await stateOf(store, roomId))
              .replaceAll(`${roomId}!`, '')
              .replaceAll(`"${roomId}"`, '"room"'),
          )
        const expected = await anonymous('a')
        expect(expected.messages.items).toHaveLength(2)
        expect(await anonymous('b')).toEqual(expected)
        expect(await anonymous('c')).toEqual(expected)
      })

      it('does not fall back when old events come again', async () => {
        const events = await happen(store, 'a', ...story())
        const message = sentMessage(events[3] as RoomEvent)
        await happen(
          store,
          'a',
          edited(message, 'hello!'),
          draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'LEFT' }),
          roomUpdated('Renamed'),
        )
        const before = await stateOf(store, 'a')
        await store.state.project(events)
        await store.state.project(events.slice(2, 4))
        expect(await stateOf(store, 'a')).toEqual(before)
      })

      it('throws at a hole and changes nothing', async () => {
        const events = await appendAtHead(store, 'a', ...story())
        await expect(store.state.project(events.slice(1))).rejects.toThrow()
        expect(await store.state.rooms(['a'])).toEqual([])
        expect(await store.state.memberships('bob', ['a'])).toEqual([])
        await store.state.project(events.slice(0, 2))
        const before = await stateOf(store, 'a')
        await expect(store.state.project(events.slice(3))).rejects.toThrow()
        expect(await stateOf(store, 'a')).toEqual(before)
        await store.state.project(events.slice(2))
        expect((await store.state.rooms(['a']))[0]?.projected).toBe(6)
      })

      it('is harmless from two stores at once', async () => {
        const other = await open()
        const drafts = [...story(), ...upTo(30).map((number) => sent(`${number}`))]
        const events = await appendAtHead(store, 'a', ...drafts)
        const project = async (by: ChatStore, size: number) => {
          for (let from = 0; from < events.length; from += size) await by.state.project(events.slice(from, from + size))
        }
        await Promise.all([project(store, 3), project(other, 5), project(store, 7), project(other, 1)])
        const state = await stateOf(store, 'a')
        expect(state.rooms[0]?.projected).toBe(events.length)
        expect(state.messages.items).toHaveLength(32)
        expect(state.members.items).toHaveLength(2)
        expect(await stateOf(other, 'a')).toEqual(state)
      })

      it('RoomUpdated makes the room, then changes its name and topic', async () => {
        await happen(store, 'a', roomUpdated('First', 'PRIVATE', { at: 111 }))
        const room = {
          id: 'a',
          kind: 'PRIVATE',
          name: 'First',
          topic: null,
          createdAt: 111,
          memberCount: 0,
          ownerCount: 0,
          projected: 1,
        }
        expect(await store.state.rooms(['a'])).toEqual([room])
        await happen(
          store,
          'a',
          draftOf({ type: 'RoomUpdated', name: 'Second', topic: 'Talk', kind: 'PRIVATE' }, { at: 222 }),
        )
        expect(await store.state.rooms(['a'])).toEqual([{ ...room, name: 'Second', topic: 'Talk', projected: 2 }])
      })

      it('a RoomUpdated that names an owner makes them a member by that one event; a later one changes no member', async () => {
        const made = { type: 'RoomUpdated', name: 'Room', topic: null, kind: 'PRIVATE', ownerId: 'bob' } as const
        await happen(store, 'a', draftOf(made, { actorId: 'bob', at: 7 }))
        const owner = { roomId: 'a', userId: 'bob', role: 'OWNER', joinedAt: 7, joinedSeq: 1, readUpTo: null }
        expect(await store.state.rooms(['a'])).toMatchObject([{ memberCount: 1, ownerCount: 1, projected: 1 }])
        expect(await store.state.memberships('bob', ['a'])).toEqual([owner])
        expect((await store.state.members('a', { first: 10 })).items).toEqual([owner])
        expect((await store.state.roomsOf('bob', { first: 10 })).items).toMatchObject([{ joinedAt: 7 }])
        await store.state.project(await everything('a'))
        await happen(store, 'a', roomUpdated('Renamed', 'PRIVATE'))
        expect(await store.state.rooms(['a'])).toMatchObject([{ name: 'Renamed', memberCount: 1, ownerCount: 1 }])
        expect(await store.state.memberships('bob', ['a'])).toEqual([owner])
      })

      it('MemberJoined, MemberChanged and MemberLeft keep the members and their counts', async () => {
        const counts = async () => {
          const [room] = await store.state.rooms(['a'])
          return [room?.memberCount, room?.ownerCount]
        }
        await happen(store, 'a', roomUpdated(), joined('ann', 'OWNER', { at: 5 }), joined('bob', 'MEMBER', { at: 6 }))
        expect(await counts()).toEqual([2, 1])
        const [bob] = await store.state.memberships('bob', ['a'])
        expect(bob).toEqual({ roomId: 'a', userId: 'bob', role: 'MEMBER', joinedAt: 6, joinedSeq: 3, readUpTo: null })
        if (!bob) return
        await happen(store, 'a', draftOf({ type: 'MemberChanged', member: { ...bob, role: 'OWNER' } }))
        expect(await counts()).toEqual([2, 2])
        expect(await store.state.memberships('bob', ['a'])).toEqual([{ ...bob, role: 'OWNER' }])
        await happen(store, 'a', draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'LEFT' }))
        expect(await counts()).toEqual([1, 1])
        expect(await store.state.memberships('bob', ['a'])).toEqual([])
        expect(await store.state.isBanned('a', 'bob')).toBe(false)
      })

      it('joining again starts a new membership', async () => {
        await happen(
          store,
          'a',
          roomUpdated(),
          joined('bob', 'MODERATOR', { at: 5 }),
          draftOf({ type: 'ReadUpTo', userId: 'bob', upTo: 2 }),
        )
        await happen(
          store,
          'a',
          draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'REMOVED' }),
          joined('bob', 'MEMBER', { at: 9 }),
        )
        expect(await store.state.memberships('bob', ['a'])).toEqual([
          { roomId: 'a', userId: 'bob', role: 'MEMBER', joinedAt: 9, joinedSeq: 5, readUpTo: null },
        ])
      })

      it('a ban stays until the user is added again, of members and of strangers, room by room', async () => {
        const ban = (userId: string) => draftOf({ type: 'MemberLeft', userId, reason: 'BANNED' })
        await happen(store, 'b', roomUpdated())
        await happen(store, 'a', roomUpdated(), joined('bob'), ban('bob'), ban('eve'), ban('eve'))
        const banned = () =>
          Promise.all(
            [
              ['a', 'bob'],
              ['a', 'eve'],
              ['b', 'bob'],
              ['a', 'ann'],
            ].map(([roomId = '', userId = '']) => store.state.isBanned(roomId, userId)),
          )
        expect(await banned()).toEqual([true, true, false, false])
        await reopen()
        await happen(store, 'a', draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'LEFT' }), joined('eve'))
        expect(await banned()).toEqual([true, false, false, false])
        expect(await store.state.memberships('bob', ['a'])).toEqual([])
      })

      it('ReadUpTo moves a member’s position forward only, and makes no member', async () => {
        const read = (userId: string, upTo: number) => draftOf({ type: 'ReadUpTo', userId, upTo })
        await happen(store, 'a', roomUpdated(), joined('bob'), read('bob', 2))
        const position = async () => (await store.state.memberships('bob', ['a']))[0]?.readUpTo
        expect(await position()).toBe(2)
        await happen(store, 'a', read('bob', 1), read('eve', 3))
        expect(await position()).toBe(2)
        await happen(store, 'a', read('bob', 5))
        expect(await position()).toBe(5)
        expect(await store.state.memberships('eve', ['a'])).toEqual([])
      })

      it('MemberChanged does not move a read position back', async () => {
        await happen(store, 'a', roomUpdated(), joined('bob'))
        const [bob] = await store.state.memberships('bob', ['a'])
        if (!bob) throw new Error('bob did not join')
        await happen(
          store,
          'a',
          draftOf({ type: 'ReadUpTo', userId: 'bob', upTo: 2 }),
          draftOf({ type: 'MemberChanged', member: { ...bob, role: 'MODERATOR' } }),
        )
        expect((await store.state.memberships('bob', ['a']))[0]).toMatchObject({ role: 'MODERATOR', readUpTo: 2 })
      })

      it('MessageSent, MessageEdited and MessageDeleted make, change and empty a message', async () => {
        const [, event] = await happen(store, 'a', roomUpdated(), sent('first', 'bob', { at: 77 }))
        const message = sentMessage(event as RoomEvent)
        expect(message).toMatchObject({ roomId: 'a', senderId: 'bob', seq: 2, text: 'first', createdAt: 77 })
        expect(await store.state.messagesById([message.id])).toEqual([message])
        await happen(store, 'a', edited(message, 'second'))
        const second = { ...message, text: 'second', editedAt: 2_000 }
        expect(await store.state.messagesById([message.id])).toEqual([second])
        await happen(store, 'a', deleted(second))
        expect(await store.state.messagesById([message.id])).toEqual([{ ...second, text: '', deletedAt: 3_000 }])
      })

      it('an edit or a deletion takes the text out of the message’s earlier events, of no other’s, and of nothing else', async () => {
        const [, one, two] = await happen(
          store,
          'a',
          roomUpdated(),
          sent('secret one', 'ann'),
          sent('secret two', 'ann'),
        )
        const message = sentMessage(one as RoomEvent)
        const twice = edited(sentMessage(two as RoomEvent), 'present')
        await happen(store, 'a', edited(message, 'secret edit'), edited(sentMessage(two as RoomEvent), 'secret too'))
        const before = await everything('a')
        await appendAtHead(store, 'a', deleted({ ...message, editedAt: 2_000 }), twice, sent('kept three'))
        await store.state.project((await everything('a')).slice(5))
        const after = await everything('a')
        expect(JSON.stringify(after)).not.toContain('secret')
        expect(seqsOf(after)).toEqual(upTo(8))
        expect(after[1]).toEqual({ ...before[1], change: { ...before[1]?.change, text: '' } })
        expect(after[3]).toEqual({
          ...before[3],
          change: { type: 'MessageEdited', message: { ...message, text: '', editedAt: 2_000 } },
        })
        expect(after[6]?.change).toEqual(twice.change)
        expect(after[7]?.change).toMatchObject({ text: 'kept three' })
        expect(after[0]).toEqual(before[0])
        expect(JSON.stringify(await store.log.find('a', one?.key ?? ''))).not.toContain('secret')
        expect(JSON.stringify(await store.log.unpublished(100))).not.toContain('secret')
        await reopen()
        expect(await everything('a')).toEqual(after)
      })

      it('a scrubbed log projects to the same state', async () => {
        const [, event] = await appendAtHead(store, 'a', roomUpdated(), sent('secret'))
        const message = sentMessage(event as RoomEvent)
        await appendAtHead(store, 'a', edited(message, 'secret too'), deleted({ ...message, editedAt: 2_000 }))
        const events = await everything('a')
        await store.state.project(events)
        expect(await store.state.messagesById([message.id])).toEqual([
          { ...message, text: '', editedAt: 2_000, deletedAt: 3_000 },
        ])
        expect(JSON.stringify(await everything('a'))).not.toContain('secret')
        // Another process still holds the events with their text.
        await store.state.project(events)
        expect(JSON.stringify(await stateOf(store, 'a'))).not.toContain('secret')
      })
    })

    describe('people', () => {
      it('are known once they were added, or were in a room, and nobody else is', async () => {
        await store.people.add(['added', 'twice'])
        await store.people.add(['twice'])
        await store.people.add([])
        await happen(store, 'a', roomUpdated(), joined('member'))
        const known = async () => {
          const asked = ['added', 'twice', 'member', 'nobody', 'ADDED', '', "'; DROP TABLE people --"]
          const answers = await Promise.all(asked.map((userId) => store.people.isKnown(userId)))
          return asked.filter((_, index) => answers[index])
        }
        expect(await known()).toEqual(['added', 'twice', 'member'])
        await reopen()
        expect(await known()).toEqual(['added', 'twice', 'member'])
      })
    })

    describe('rooms and memberships', () => {
      it('gives those that exist, once each, for any list of ids', async () => {
        const [a, b] = [await makeRoom(store), await makeRoom(store)]
        const ids = (await store.state.rooms([b, 'none', a, '__proto__', "'; DROP TABLE rooms --"])).map(({ id }) => id)
        expect(ids.toSorted()).toEqual([a, b].toSorted())
        expect(await store.state.rooms([])).toEqual([])
        expect(await store.state.rooms(['none'])).toEqual([])
      })

      it('gives a user’s memberships of the rooms asked for and no others', async () => {
        for (const roomId of ['a', 'b', 'c']) await happen(store, roomId, roomUpdated(), joined('bob'), joined('ann'))
        const found = await store.state.memberships('bob', ['a', 'c', 'none'])
        expect(found.map(({ roomId, userId }) => `${roomId}/${userId}`).toSorted()).toEqual(['a/bob', 'c/bob'])
        expect(await store.state.memberships('bob', [])).toEqual([])
        expect(await store.state.memberships('BOB', ['a'])).toEqual([])
      })

      it('gives those of many users who are members of a room: no stranger, nobody who left, and of no other room', async () => {
        const left = draftOf({ type: 'MemberLeft', userId: 'eve', reason: 'REMOVED' })
        const banned = draftOf({ type: 'MemberLeft', userId: 'mel', reason: 'BANNED' })
        const users = upTo(300).map((number) => `user${number}`)
        await happen(
          store,
          'a',
          roomUpdated(),
          ...['bob', 'eve', 'ann', 'mel'].map((user) => joined(user)),
          left,
          banned,
        )
        await happen(store, 'a', ...users.map((user) => joined(user)))
        await happen(store, 'b', roomUpdated(), joined('bob'), joined('mod'))
        const among = async (...userIds: string[]) =>
          (await store.state.membersAmong('a', userIds)).map(({ roomId, userId }) => `${roomId}/${userId}`).toSorted()
        expect(await among('bob', 'eve', 'mel', 'mod', 'ann', 'BOB')).toEqual(['a/ann', 'a/bob'])
        expect(await store.state.membersAmong('a', ['bob'])).toEqual(await store.state.memberships('bob', ['a']))
        expect(await among()).toEqual([])
        const strangers = upTo(10_000).map((number) => `stranger${number}`)
        expect(await among(...strangers, ...users)).toEqual(users.map((user) => `a/${user}`).toSorted())
      })
    })

    describe('withoutOwner', () => {
      it('gives the rooms that have members and no owner, by id, a page at a time', async () => {
        for (const id of ['d', 'b', 'a', 'c', 'e']) await happen(store, id, roomUpdated(id), joined('bob'))
        await happen(store, 'c', joined('ann', 'OWNER'))
        await happen(store, 'e', draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'LEFT' }))
        const ids = async (after: string, limit: number) =>
          (await store.state.withoutOwner(after, limit)).map(({ id }) => id)
        expect(await ids('', 10)).toEqual(['a', 'b', 'd'])
        expect(await ids('', 2)).toEqual(['a', 'b'])
        expect(await ids('b', 2)).toEqual(['d'])
        const [bob] = await store.state.memberships('bob', ['b'])
        if (bob) await happen(store, 'b', draftOf({ type: 'MemberChanged', member: { ...bob, role: 'OWNER' } }))
        expect(await ids('', 10)).toEqual(['a', 'd'])
      })
    })

    describe('members', () => {
      it('pages through them, the first joined first', async () => {
        const users = upTo(7).map((number) => `user${9 - number}`)
        await happen(store, 'a', roomUpdated(), ...users.map((user) => joined(user)))
        await happen(store, 'b', roomUpdated(), joined('other'))
        const page = async (first: number, after?: number) => {
          const { items, ...info } = await store.state.members('a', { first, after })
          return { users: items.map(({ userId }) => userId), ...info }
        }
        expect(await page(3)).toEqual({ users: users.slice(0, 3), hasNextPage: true, hasPreviousPage: false })
        expect(await page(3, 4)).toEqual({ users: users.slice(3, 6), hasNextPage: true, hasPreviousPage: true })
        expect(await page(3, 7)).toEqual({ users: users.slice(6), hasNextPage: false, hasPreviousPage: true })
        expect(await page(4, 4)).toEqual({ users: users.slice(3), hasNextPage: false, hasPreviousPage: true })
        expect(await page(3, 8)).toEqual({ users: [], hasNextPage: false, hasPreviousPage: true })
        expect(await page(7)).toEqual({ users, hasNextPage: false, hasPreviousPage: false })
        expect(await store.state.members('none', { first: 5 })).toEqual({
          items: [],
          hasNextPage: false,
          hasPreviousPage: false,
        })
      })

      it('puts who left and came back last', async () => {
        await happen(
          store,
          'a',
          roomUpdated(),
          joined('ann'),
          joined('bob'),
          draftOf({ type: 'MemberLeft', userId: 'ann', reason: 'LEFT' }),
          joined('ann'),
        )
        const { items } = await store.state.members('a', { first: 10 })
        expect(items.map(({ userId }) => userId)).toEqual(['bob', 'ann'])
      })
    })

    describe('pages', () => {
      it('say exactly whether something is before and after them, wherever they begin and whatever has gone', async () => {
        const rooms = await Promise.all(upTo(6).map((number) => makeRoom(store, `Room ${number}`)))
        for (const [index, roomId] of rooms.entries())
          await happen(store, roomId, joined('bob', 'MEMBER', { at: index }))
        await happen(store, 'a', roomUpdated('Other'), ...upTo(6).map((number) => joined(`user${number}`)))
        const everyRoom = (await store.state.roomsOf('bob', { first: 100 })).items
        const everyPublic = (await store.state.publicRooms('room', { first: 100 })).items
        const everyMember = (await store.state.members('a', { first: 100 })).items
        const left = (userId: string) => draftOf({ type: 'MemberLeft', userId, reason: 'LEFT' })
        // The first, one in the middle, and the last.
        for (const index of [0, 2, 5]) {
          await happen(store, everyRoom[index]?.room.id ?? '', left('bob'))
          await happen(store, 'a', left(everyMember[index]?.userId ?? ''))
        }
        const still = (index: number) => ![0, 2, 5].includes(index)
        const check = async <T, K>(
          all: T[],
          isThere: (index: number) => boolean,
          keyOf: (item: T) => K,
          read: (page: { first: number; after?: K }) => Promise<Page<T>>,
        ) => {
          for (const first of [1, 2, 3, 10]) {
            for (let start = 0; start <= all.length; start += 1) {
              const last = all[start - 1]
              const page = await read({ first, ...(last && { after: keyOf(last) }) })
              const there = all.map((_, index) => index).filter(isThere)
              const [before, behind] = [there.filter((index) => index < start), there.filter((index) => index >= start)]
              expect({
                first,
                start,
                items: page.items.length,
                next: page.hasNextPage,
                previous: page.hasPreviousPage,
              }).toEqual({
                first,
                start,
                items: Math.min(first, behind.length),
                next: behind.length > first,
                previous: before.length > 0,
              })
            }
          }
        }
        await check(
          everyRoom,
          still,
          ({ room, joinedAt }) => ({ joinedAt, roomId: room.id }),
          (page) => store.state.roomsOf('bob', page),
        )
        await check(
          everyMember,
          still,
          ({ joinedSeq }) => joinedSeq,
          (page) => store.state.members('a', page),
        )
        await check(
          everyPublic,
          () => true,
          ({ id, name }) => ({ name, roomId: id }),
          (page) => store.state.publicRooms('room', page),
        )
      })
    })

    describe('roomsOf', () => {
      it('pages through a user’s rooms, the last joined first; of one moment each comes once, in one order', async () => {
        const rooms = await Promise.all(upTo(9).map((number) => makeRoom(store, `Room ${number}`)))
        for (const [index, roomId] of rooms.entries())
          await happen(
            store,
            roomId,
            joined('bob', 'MEMBER', { at: 100 * Math.floor(index / 4) }),
            joined('ann', 'MEMBER', { at: index }),
          )
        const everyRoom = await store.state.roomsOf('bob', { first: 100 })
        expect(everyRoom).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
        expect(everyRoom.items.map(({ joinedAt }) => joinedAt)).toEqual([200, 100, 100, 100, 100, 0, 0, 0, 0])
        expect(everyRoom.items.map(({ room }) => room.id).toSorted()).toEqual(rooms.toSorted())
        for (const size of [1, 2, 3, 4, 8]) {
          const seen: typeof everyRoom.items = []
          for (let more = true; more; ) {
            const last = seen.at(-1)
            const page = await store.state.roomsOf('bob', {
              first: size,
              after: last && { joinedAt: last.joinedAt, roomId: last.room.id },
            })
            expect(page.hasPreviousPage).toBe(seen.length > 0)
            seen.push(...page.items)
            expect(page.hasNextPage).toBe(seen.length < rooms.length)
            more = page.hasNextPage
          }
          expect(seen).toEqual(everyRoom.items)
        }
      })

      it('gives the room as it stands, and none that the user left', async () => {
        const [a, b] = [await makeRoom(store, 'A', 'PRIVATE'), await makeRoom(store, 'B')]
        await happen(store, a, joined('bob', 'OWNER', { at: 1 }), joined('ann'))
        await happen(store, b, joined('bob'), draftOf({ type: 'MemberLeft', userId: 'bob', reason: 'REMOVED' }))
        const [room] = await store.state.rooms([a])
        expect((await store.state.roomsOf('bob', { first: 10 })).items).toEqual([{ room, joinedAt: 1 }])
        expect((await store.state.roomsOf('eve', { first: 10 })).items).toEqual([])
      })
    })

    describe('publicRooms', () => {
      const named = async (search: string) =>
        (await store.state.publicRooms(search, { first: 100 })).items.map(({ name }) => name)

      it('finds public rooms by the start of their name in any case', async () => {
        for (const name of ['General', 'general talk', 'GENERATORS', 'Our general']) await makeRoom(store, name)
        await makeRoom(store, 'General secrets', 'PRIVATE')
        for (const search of ['gener', 'GENER', 'gEnEr'])
          expect(await named(search)).toEqual(['General', 'general talk', 'GENERATORS'])
        expect(await named('general ')).toEqual(['general talk'])
        expect(await named('')).toEqual(['General', 'general talk', 'GENERATORS', 'Our general'])
        expect(await named('x')).toEqual([])
      })

      it.each([
        ['%', ['%off']],
        ['_', ['_under']],
        ['\\', ['\\back']],
        ['*', ['*star']],
        ['.', ['.dot']],
        ['^', ['^caret']],
        ['[', ['[set]']],
        ['(', ['(open']],
        ['$', ['$where']],
        ["'", ["'quote"]],
        ['%%', []],
        ['.*', []],
        ['a%', []],
        ['a_c', []],
        ['a', ['abc', 'axc']],
      ])('takes %j as it is written', async (search, found) => {
        const names = [
          '%off',
          '_under',
          '\\back',
          '*star',
          '.dot',
          '^caret',
          '[set]',
          '(open',
          '$where',
          "'quote",
          'abc',
          'axc',
        ]
        for (const name of names) await makeRoom(store, name)
        expect(await named(search)).toEqual(found)
      })

      it.each([
        ['Ärger', 'är'],
        ['ärger', 'ÄR'],
        ['Éclair', 'éCL'],
        ['ПРИВЕТ мир', 'привет М'],
        ['日本語の部屋', '日本'],
        ['🎉 Party', '🎉 p'],
        ['ΟΔΥΣΣΕΙΑ', 'ΟΔΥΣ'],
        ['İstanbul', 'İs'],
      ])('finds %j by %j', async (name, search) => {
        await makeRoom(store, name)
        await makeRoom(store, 'Another')
        expect(await named(search)).toEqual([name])
      })

      it('finds every name that starts with the search, up to the last code points there are', async () => {
        const ends = ['', 'a', '\ud7ff', '\uffff', '\u{10000}', '\u{10ffff}', '\u{10ffff}\u{10ffff}z']
        const starts = ['x', 'x\uffff', 'x\u{10ffff}', '\u{10ffff}', 'ΧΣ', 'É']
        const names = [...new Set(starts.flatMap((start) => ends.map((end) => start + end)))]
        for (const name of names) await makeRoom(store, name)
        for (const search of [...starts, 'X', 'χσ', 'e\u0301', 'x\u{10000}']) {
          const expected = names.filter((name) => foldName(name).startsWith(foldName(search)))
          expect({ search, found: new Set(await named(search)) }).toEqual({ search, found: new Set(expected) })
        }
      })

      it('pages through what the search finds, wherever the cursor points', async () => {
        const names = ['a', 'b', 'ba', 'bb', 'c']
        for (const name of names) await makeRoom(store, name)
        for (const name of ['', 'a', 'ab', 'b', 'ba', 'bz', 'c', 'd', '\u{10ffff}']) {
          const page = await store.state.publicRooms('b', { first: 10, after: { name, roomId: '~' } })
          const found = names.filter((one) => one.startsWith('b'))
          expect({ name, ...page, items: page.items.map((room) => room.name) }).toEqual({
            name,
            items: found.filter((one) => one > name),
            hasNextPage: false,
            hasPreviousPage: found.some((one) => one <= name),
          })
        }
      })

      it('follows a name that changes', async () => {
        const roomId = await makeRoom(store, 'Before')
        await happen(store, roomId, roomUpdated('After'))
        expect(await named('before')).toEqual([])
        expect(await named('after')).toEqual(['After'])
      })

      it('pages by name; rooms of one name come each once', async () => {
        const names = ['beta', 'Alpha', 'same', 'Same', 'SAME', 'same', 'zeta', 'Same%']
        for (const name of names) await makeRoom(store, name)
        const all = (await store.state.publicRooms('', { first: 100 })).items
        expect(all.map(({ name }) => name.toLowerCase())).toEqual([
          'alpha',
          'beta',
          'same',
          'same',
          'same',
          'same',
          'same%',
          'zeta',
        ])
        for (const search of ['', 's']) {
          const expected = all.filter(({ name }) => name.toLowerCase().startsWith(search))
          for (const size of [1, 2, 3, expected.length]) {
            const seen: typeof all = []
            for (let more = true; more; ) {
              const last = seen.at(-1)
              const page = await store.state.publicRooms(search, {
                first: size,
                after: last && { name: last.name, roomId: last.id },
              })
              expect(page.hasPreviousPage).toBe(seen.length > 0)
              seen.push(...page.items)
              expect(page.hasNextPage).toBe(seen.length < expected.length)
              more = page.hasNextPage
            }
            expect(seen).toEqual(expected)
          }
        }
      })
    })

    describe('messages', () => {
      // Messages at 3, 5, 6, 8, 9, 10; other events in between.
      const at = [3, 5, 6, 8, 9, 10]
      beforeEach(async () => {
        const drafts = upTo(11).map((seq) =>
          at.includes(seq) ? sent(`at ${seq}`) : draftOf({ type: 'ReadUpTo', userId: 'ann', upTo: 1 }),
        )
        await happen(store, 'a', roomUpdated(), ...drafts.slice(1))
        await happen(store, 'b', roomUpdated(), sent('other'))
      })
      const page = async (range: Parameters<ChatStore['state']['messages']>[1]) => {
        const { items, hasPreviousPage, hasNextPage } = await store.state.messages('a', range)
        return [hasPreviousPage, seqsOf(items), hasNextPage]
      }

      it.each(['first', 'last'] as const)('leaves the texts of the %s out when nobody asks for them', async (take) => {
        const range = { take, count: 3 }
        const whole = await store.state.messages('a', range)
        const { items, ...rest } = await store.state.messages('a', { ...range, texts: false })
        expect({ items, ...rest }).toEqual({ ...whole, items: whole.items.map(({ text: _, ...others }) => others) })
        expect(items).toHaveLength(3)
        expect(items.some((message) => 'text' in message)).toBe(false)
      })

      it('leaves the text of a last message out when nobody asks for it', async () => {
        const [{ text, ...others } = {}] = await store.state.lastMessages(['a'])
        expect(text).toBe('at 10')
        const [last] = await store.state.lastMessages(['a'], { texts: false })
        expect(last).toEqual(others)
        expect(last && 'text' in last).toBe(false)
      })

      it('gives what an array would give, from any position to any other, from either end', async () => {
        const positions = [undefined, 0, 2, 3, 4, 6, 7, 9, 10, 12]
        for (const after of positions)
          for (const before of positions)
            for (const take of ['first', 'last'] as const)
              for (const count of [1, 3, 10]) {
                const range = at.filter((seq) => seq > (after ?? 0) && seq < (before ?? 100))
                const items = take === 'first' ? range.slice(0, count) : range.slice(-count)
                const hasNext = at.some((seq) => seq > (items.at(-1) ?? (before ?? 100) - 1))
                const hasPrevious = at.some((seq) => seq < (items[0] ?? (after ?? 0) + 1))
                expect([after, before, take, count, await page({ after, before, take, count })]).toEqual([
                  after,
                  before,
                  take,
                  count,
                  [hasPrevious, items, hasNext],
                ])
              }
      })

      it('gives the first ones', async () => {
        expect(await page({ take: 'first', count: 2 })).toEqual([false, [3, 5], true])
        expect(await page({ take: 'first', count: 5 })).toEqual([false, [3, 5, 6, 8, 9], true])
        expect(await page({ take: 'first', count: 6 })).toEqual([false, at, false])
        expect(await page({ take: 'first', count: 100 })).toEqual([false, at, false])
      })

      it('gives the last ones, in order', async () => {
        expect(await page({ take: 'last', count: 2 })).toEqual([true, [9, 10], false])
        expect(await page({ take: 'last', count: 5 })).toEqual([true, [5, 6, 8, 9, 10], false])
        expect(await page({ take: 'last', count: 6 })).toEqual([false, at, false])
        expect(await page({ take: 'last', count: 100 })).toEqual([false, at, false])
      })

      it('goes forward after a position', async () => {
        expect(await page({ take: 'first', after: 5, count: 2 })).toEqual([true, [6, 8], true])
        expect(await page({ take: 'first', after: 8, count: 2 })).toEqual([true, [9, 10], false])
        expect(await page({ take: 'first', after: 7, count: 3 })).toEqual([true, [8, 9, 10], false])
        expect(await page({ take: 'first', after: 10, count: 2 })).toEqual([true, [], false])
      })

      it('goes back before a position', async () => {
        expect(await page({ take: 'last', before: 9, count: 2 })).toEqual([true, [6, 8], true])
        expect(await page({ take: 'last', before: 6, count: 2 })).toEqual([false, [3, 5], true])
        expect(await page({ take: 'last', before: 7, count: 3 })).toEqual([false, [3, 5, 6], true])
        expect(await page({ take: 'last', before: 3, count: 2 })).toEqual([false, [], true])
      })

      it('takes either end of what lies between two positions', async () => {
        expect(await page({ take: 'first', after: 3, before: 9, count: 2 })).toEqual([true, [5, 6], true])
        expect(await page({ take: 'last', after: 3, before: 9, count: 2 })).toEqual([true, [6, 8], true])
        expect(await page({ take: 'last', after: 3, before: 9, count: 3 })).toEqual([true, [5, 6, 8], true])
        expect(await page({ take: 'first', after: 3, before: 9, count: 3 })).toEqual([true, [5, 6, 8], true])
      })

      it('says that there is more only when there is', async () => {
        expect(await page({ take: 'first', after: 2, count: 2 })).toEqual([false, [3, 5], true])
        expect(await page({ take: 'first', after: 0, count: 2 })).toEqual([false, [3, 5], true])
        expect(await page({ take: 'last', before: 11, count: 2 })).toEqual([true, [9, 10], false])
        expect(await page({ take: 'last', before: 999_999_999_999_999, count: 6 })).toEqual([false, at, false])
        expect(await page({ take: 'first', after: 999_999_999_999_999, count: 6 })).toEqual([true, [], false])
      })

      it('gives nothing between positions that leave nothing between them', async () => {
        for (const take of ['first', 'last'] as const) {
          expect((await store.state.messages('a', { take, after: 9, before: 9, count: 5 })).items).toEqual([])
          expect((await store.state.messages('a', { take, after: 9, before: 3, count: 5 })).items).toEqual([])
          expect(await store.state.messages('none', { take, count: 5 })).toEqual({
            items: [],
            hasNextPage: false,
            hasPreviousPage: false,
          })
        }
      })
    })

    describe('messagesById and lastMessages', () => {
      it('finds messages of many rooms by id', async () => {
        const [, one] = await happen(store, 'a', roomUpdated(), sent('1'))
        const [, two] = await happen(store, 'b', roomUpdated(), sent('2'))
        const messages = [one, two].map((event) => sentMessage(event as RoomEvent))
        const found = await store.state.messagesById([...messages.map(({ id }) => id), 'none'])
        expect(found.toSorted((x, y) => x.text.localeCompare(y.text))).toEqual(messages)
        expect(await store.state.messagesById([])).toEqual([])
      })

      it('gives each room’s last message', async () => {
        await happen(store, 'a', roomUpdated(), sent('first'), sent('last'), joined('bob'))
        await happen(store, 'b', roomUpdated(), sent('only'))
        await happen(store, 'c', roomUpdated())
        const texts = (await store.state.lastMessages(['a', 'c', 'b', 'none'])).map(({ text }) => text)
        expect(texts.toSorted()).toEqual(['last', 'only'])
        expect(await store.state.lastMessages([])).toEqual([])
      })
    })

    describe('unread', () => {
      it('counts the messages of others after the position, deleted ones left out, up to a most', async () => {
        const [, , , fourth] = await happen(
          store,
          'a',
          roomUpdated(),
          sent('2', 'bob'),
          sent('3', 'ann'),
          sent('4', 'bob'),
          sent('5', 'bob'),
          joined('eve'),
        )
        await happen(store, 'b', roomUpdated(), ...upTo(12).map((number) => sent(`${number}`, 'bob')))
        await happen(store, 'c', roomUpdated())
        const unread = async (userId: string, positions: Record<string, number>, most = 1_000) =>
          Object.fromEntries(await store.state.unread(userId, new Map(Object.entries(positions)), most))
        expect(await unread('ann', { a: 0, b: 3, c: 0 })).toEqual({ a: 3, b: 10, c: 0 })
        expect(await unread('ann', { a: 2 })).toEqual({ a: 2 })
        expect(await unread('ann', { a: 5, b: 999 })).toEqual({ a: 0, b: 0 })
        expect(await unread('bob', { a: 0, b: 0 })).toEqual({ a: 1, b: 0 })
        expect(await unread('ann', { a: 0, b: 0 }, 5)).toEqual({ a: 3, b: 5 })
        expect(await unread('ann', {})).toEqual({})
        await happen(store, 'a', deleted(sentMessage(fourth as RoomEvent)))
        expect(await unread('ann', { a: 0 })).toEqual({ a: 2 })
      })

      it('looks at the newest messages only, own and deleted ones included', async () => {
        const senders = ['bob', 'bob', 'bob', 'ann', 'bob', 'ann', 'ann']
        const events = await happen(
          store,
          'a',
          roomUpdated(),
          ...senders.map((sender, index) => sent(`${index}`, sender)),
        )
        await happen(store, 'a', deleted(sentMessage(events[5] as RoomEvent)))
        const unread = async (after: number, newest: number) =>
          (await store.state.unread('ann', new Map([['a', after]]), newest)).get('a')
        const counts = upTo(8).map((newest) => unread(0, newest))
        expect(await Promise.all(counts)).toEqual([0, 0, 0, 0, 1, 2, 3, 3])
        expect(await unread(2, 7)).toBe(2)
      })
    })

    it('closes twice without harm', async () => {
      await store.close()
      await store.close()
    })
  })
}

/** The draft with ids of this room's own, where ids are unique over all rooms. */
function renamed(draft: Draft, roomId: string): Draft {
  const { change } = draft
  return change.type === 'MessageSent'
    ? { ...draft, change: { ...change, messageId: `${roomId}!${change.messageId}` } }
    : draft
}
