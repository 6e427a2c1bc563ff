import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { appendAtHead, draftOf, happen, joined, makeRoom, sent } from '../testing/drafts.ts'
import { metricValues } from '../testing/metric-values.ts'
import { refusalCode } from '../testing/people.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { until } from '../testing/until.ts'
import { type Arrivals, type ArrivalsOptions, createArrivals } from './arrivals.ts'

describe('arrivals', () => {
  let storage: Awaited<ReturnType<typeof temporaryStorage>>
  let store: ChatStore
  let arrivals: Arrivals
  let roomId: string
  /** The calls of the store, by name. */
  let calls: string[]
  /** The users of each question for members, and what a test does in place of it. */
  let asked: string[][]
  let membersAmong: ChatStore['state']['membersAmong']

  const noted =
    <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A) => {
      calls.push(name)
      return call(...args)
    }
  const createIt = (options: Partial<ArrivalsOptions> = {}) =>
    createArrivals({
      maxWaiting: 1_000,
      snapshotBytes: 256_000,
      rest: 1,
      store: {
        ...store,
        log: { ...store.log, read: noted('read', store.log.read) },
        state: {
          ...store.state,
          rooms: noted('rooms', store.state.rooms),
          membersAmong(id, userIds) {
            calls.push('membersAmong')
            asked.push(userIds)
            return membersAmong(id, userIds)
          },
          messages: noted('messages', store.state.messages),
        },
      },
      ...options,
    })
  beforeEach(async () => {
    storage = await temporaryStorage()
    store = await storage.open()
    roomId = await makeRoom(store)
    await happen(store, roomId, joined('ann'), joined('bob'), sent('one'))
    calls = []
    asked = []
    membersAmong = store.state.membersAmong
    arrivals = createIt()
  })
  afterEach(async () => {
    await arrivals.close()
    await store.close()
    await storage.remove()
  })

  const removal = (userId: string) => draftOf({ type: 'MemberLeft', userId, reason: 'REMOVED' })
  /** Holds the next question for members back, before or after it is answered, until it is let go. */
  const holdMembers = (when: 'before' | 'after') => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    membersAmong = async (...args) => {
      membersAmong = store.state.membersAmong
      if (when === 'before') await held
      const found = await store.state.membersAmong(...args)
      await held
      return found
    }
    return { asked: () => until('the members are asked for', () => calls.includes('membersAmong')), letGo }
  }

  it('give the room, the membership and the last messages', async () => {
    const { room, membership, snapshot } = await arrivals.arrive(roomId, 'bob')
    expect(room).toMatchObject({ id: roomId, projected: 4 })
    expect(membership).toMatchObject({ roomId, userId: 'bob', joinedSeq: 3 })
    expect((await snapshot()).messages.map(({ text }) => text)).toEqual(['one'])
  })

  it('give no membership to a stranger, nor to somebody who left, nor without a user', async () => {
    await happen(store, roomId, removal('bob'))
    const found = await Promise.all(['eve', 'bob', undefined].map((userId) => arrivals.arrive(roomId, userId)))
    expect(found.map(({ membership }) => membership)).toEqual([undefined, undefined, undefined])
    expect(found.map(({ room }) => room?.projected)).toEqual([5, 5, 5])
  })

  it('give no room where there is none', async () => {
    const { room, membership, snapshot } = await arrivals.arrive('none', 'ann')
    expect([room, membership, await snapshot()]).toEqual([
      undefined,
      undefined,
      { messages: [], hasPreviousPage: false },
    ])
  })

  it('finish what a crash left unprojected', async () => {
    await appendAtHead(store, roomId, joined('eve'), removal('bob'))
    const [eve, bob] = await Promise.all([arrivals.arrive(roomId, 'eve'), arrivals.arrive(roomId, 'bob')])
    expect([eve.room?.projected, eve.membership?.userId]).toEqual([6, 'eve'])
    expect([bob.room?.projected, bob.membership]).toEqual([6, undefined])
  })

  it('ask the store once for all who came since the last time, each user once', async () => {
    const { asked: reached, letGo } = holdMembers('before')
    const first = arrivals.arrive(roomId, 'ann')
    await reached()
    const crowd = Array.from({ length: 300 }, (_, index) =>
      arrivals.arrive(roomId, index % 3 ? `user ${index}` : 'bob'),
    )
    letGo()
    expect((await first).membership?.userId).toBe('ann')
    const found = await Promise.all(crowd)
    expect(found.filter(({ membership }) => membership?.userId === 'bob')).toHaveLength(100)
    expect(found.filter(({ membership }) => membership)).toHaveLength(100)
    expect(asked.map((userIds) => userIds.length)).toEqual([1, 201])
    const snapshots = (await Promise.all(found.map(({ snapshot }) => snapshot()))).map(({ messages }) => messages)
    expect(snapshots.every(([message]) => message?.text === 'one')).toBe(true)
    expect(calls.toSorted()).toEqual(['membersAmong', 'membersAmong', 'messages', 'read', 'read', 'rooms', 'rooms'])
  })

  it('cost a number of lookups that is bounded by the time, however many come one after another', async () => {
    const rest = 25
    arrivals = createIt({ rest })
    const began = performance.now()
    const coming: Promise<unknown>[] = []
    for (let count = 0; count < 400; count += 1) {
      coming.push(arrivals.arrive(roomId, `user ${count}`))
      await new Promise(setImmediate)
    }
    await Promise.all(coming)
    // A timer may be a millisecond early.
    expect(asked.length).toBeLessThanOrEqual(1 + (performance.now() - began) / (rest - 1))
    expect(asked.flat()).toHaveLength(400)
  })

  it('do not let one room wait for another', async () => {
    const other = await makeRoom(store)
    const { asked: reached, letGo } = holdMembers('before')
    const slow = arrivals.arrive(roomId, 'ann')
    await reached()
    expect((await arrivals.arrive(other)).room?.id).toBe(other)
    letGo()
    await slow
  })

  it('never pair a membership with a later position: the removal in between would be seen by nobody', async () => {
    let removed = false
    const racing = createIt({
      store: {
        ...store,
        state: {
          ...store.state,
          async rooms(ids) {
            const rooms = await store.state.rooms(ids)
            if (!removed) await happen(store, roomId, removal('bob'))
            removed = true
            return rooms
          },
        },
      },
    })
    const { room, membership } = await racing.arrive(roomId, 'bob')
    await racing.close()
    expect([room?.projected, membership]).toEqual([5, undefined])
  })

  it('give a position before a removal that the membership does not show', async () => {
    const { asked: reached, letGo } = holdMembers('after')
    const arriving = arrivals.arrive(roomId, 'bob')
    await reached()
    const [removed] = await happen(store, roomId, removal('bob'))
    letGo()
    const { room, membership } = await arriving
    expect(membership?.userId).toBe('bob')
    expect(room?.projected).toBeLessThan(removed?.seq ?? 0)
  })

  it('know what was committed before whoever comes, though others are being looked up', async () => {
    const { asked: reached, letGo } = holdMembers('after')
    const first = arrivals.arrive(roomId, 'ann')
    await reached()
    await happen(store, roomId, joined('eve'))
    const second = arrivals.arrive(roomId, 'eve')
    letGo()
    expect((await first).room?.projected).toBe(4)
    const { room, membership } = await second
    expect([room?.projected, membership?.userId]).toEqual([5, 'eve'])
  })

  it('fail with the store for those who came together, and work again', async () => {
    membersAmong = async () => {
      throw new Error('Not now')
    }
    const failed = await Promise.allSettled(['ann', 'bob'].map((userId) => arrivals.arrive(roomId, userId)))
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    membersAmong = store.state.membersAmong
    expect((await arrivals.arrive(roomId, 'ann')).membership?.userId).toBe('ann')
  })

  it('refuse with UNAVAILABLE when too many wait, and only then; the metrics tell', async () => {
    const metrics = createMetrics('chat')
    arrivals = createIt({ maxWaiting: 3, metrics })
    const { asked: reached, letGo } = holdMembers('before')
    const first = arrivals.arrive(roomId, 'ann')
    await reached()
    const waiting = ['ann', 'bob', 'eve'].map((userId) => arrivals.arrive(roomId, userId))
    expect(await refusalCode(arrivals.arrive(roomId, 'bob'))).toBe('UNAVAILABLE')
    expect(await metricValues(metrics)).toMatchObject({
      arrivals_waiting: 3,
      arrivals_waiting_limit: 3,
      arrivals_refused_total: 1,
      arrival_lookups_total: 1,
    })
    letGo()
    await Promise.all([first, ...waiting])
    expect((await arrivals.arrive(roomId, 'bob')).membership?.userId).toBe('bob')
    expect(await metricValues(metrics)).toMatchObject({ arrivals_waiting: 0, arrival_lookups_total: 3 })
  })

  it('close once nobody is being looked up', async () => {
    const { asked: reached, letGo } = holdMembers('before')
    const arriving = arrivals.arrive(roomId, 'ann')
    await reached()
    let closed = false
    const closing = arrivals.close().then(() => {
      closed = true
    })
    await store.log.heads([roomId])
    expect(closed).toBe(false)
    letGo()
    await Promise.all([arriving, closing])
    await arrivals.close()
  })

  it('gives as many of the newest messages as fit in the bytes of a snapshot, and one in any case', async () => {
    const long = '\u{1f642}'.repeat(1_000)
    await happen(store, roomId, ...Array.from({ length: 20 }, (_, number) => sent(`${number} ${long}`)))
    const textsWithin = async (snapshotBytes: number) =>
      (await (await createIt({ snapshotBytes }).arrive(roomId)).snapshot()).messages.map(
        ({ text }) => text.split(' ')[0],
      )
    expect(await textsWithin(1)).toEqual(['19'])
    expect((await (await createIt({ snapshotBytes: 1 }).arrive(roomId)).snapshot()).hasPreviousPage).toBe(true)
    expect(await textsWithin(5 * 4_600)).toEqual(['15', '16', '17', '18', '19'])
    expect((await textsWithin(1_000_000)).slice(-20)).toEqual(Array.from({ length: 20 }, (_, number) => `${number}`))
  })
})
