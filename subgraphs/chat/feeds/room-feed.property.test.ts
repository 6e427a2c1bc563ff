import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLogger } from '../../../platform/logging/logger.ts'
import { chatDefaults } from '../config.ts'
import { eventsOf, isNext, isSamePosition, origin, type Position, positionOf } from '../domain/position.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { LogWentBack } from '../log/went-back.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { sent } from '../testing/drafts.ts'
import { until } from '../testing/until.ts'
import { createPageCache } from './log-pages.ts'
import { createRingTotal } from './ring-total.ts'
import { openRoomFeed, type RoomFeed } from './room-feed.ts'

const roomId = 'room'

/** What can happen to a room, its broadcast, and whoever listens. Numbers are taken modulo what there is. */
type Happening =
  | { what: 'commit'; count: number }
  | { what: 'hear'; from: number; count: number; backwards: boolean }
  | { what: 'join'; position: number }
  | { what: 'go back'; to: number }
  | { what: 'compare' }
  | { what: 'arrive'; back: number }
  | { what: 'read fails' }
  | { what: 'read is stale' }
  | { what: 'head is stale' }
  | { what: 'time passes' }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('hear' as const),
      from: fc.nat(100),
      count: fc.integer({ min: 1, max: 6 }),
      backwards: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('join' as const), position: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('go back' as const), to: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('compare' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('arrive' as const), back: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('read fails' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('read is stale' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('head is stale' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('time passes' as const) }) },
)

/**
 * A room whose log grows by `commit` and loses its end by `goBack`, and whose broadcast says only what `hear` makes it say: lost, late,
 * again, in any order, also what the log has lost.
 */
async function openRoom() {
  const log: RoomEvent[] = []
  /** All that was ever committed. */
  const ever: RoomEvent[] = []
  const head = () => (log.length > 0 ? positionOf(log.at(-1) as RoomEvent) : origin)
  const listeners = new Set<(payload: string) => void>()
  let failures = 0
  let staleReads = 0
  let staleHeads = 0
  const read: RoomLogStore['read'] = async (_, after, limit) => {
    await pause(0)
    if (failures > 0) {
      failures -= 1
      throw new Error('not now')
    }
    if (staleReads > 0) {
      staleReads -= 1
      return log.slice(0, stale()).slice(after, after + limit)
    }
    return log.slice(after, after + limit)
  }
  /** How far a primary sees that does not know yet what a majority has. */
  const stale = () => Math.floor(log.length / 2)
  const old = (head: Position, back = head.seq - stale()) => {
    const event = log[head.seq - back - 1]
    return event ? positionOf(event) : origin
  }
  const pageCache = createPageCache({ maxPageBytes: 6_000, pageAge: 3 })
  // Less than one ring can have, so that it drops what listeners have yet to be given.
  const ringTotal = createRingTotal(2_500)
  const open = (onOver: () => void) =>
    openRoomFeed({
      ringTotal,
      roomId,
      // Small, so that listeners fall out of the ring, pages do not reach, and few are kept.
      limits: { ...chatDefaults.feeds, maxEvents: 8, maxAhead: 4, pageSize: 5, patience: 1 },
      pageCache,
      onOver,
      count: () => {},
      logger: createLogger('chat', 'silent'),
      log: { read, heads: async () => new Map([[roomId, head()]]) } as unknown as RoomLogStore,
      broadcast: {
        publish: async () => {},
        async subscribe(_, listener) {
          listeners.add(listener)
          return async () => void listeners.delete(listener)
        },
        onConnection: () => () => {},
        close: async () => {},
      },
    })
  let feed: Promise<RoomFeed>
  const opened: Promise<RoomFeed>[] = []
  const reopen = () => {
    feed = open(reopen)
    opened.push(feed)
  }
  reopen()
  return {
    feed: () => feed,
    log,
    ever,
    head,
    async compare() {
      const current = await feed
      const known = current.knownSeq()
      const found = staleHeads > 0 ? old(head()) : head()
      if (staleHeads > 0) staleHeads -= 1
      current.compare(found, known)
    },
    /** An arrival that read the head a while ago. */
    async arrive(back: number) {
      const current = await feed
      current.compare(old(head(), back))
    },
    commit: (count: number) => {
      const events = eventsOf(
        roomId,
        head(),
        Array.from({ length: count }, () => sent('text')),
      )
      log.push(...events)
      ever.push(...events)
    },
    goBack: (to: number) => void log.splice(to),
    async close() {
      for (const each of opened) await (await each).close()
    },
    hear: (events: RoomEvent[]) => {
      for (const listener of listeners) listener(JSON.stringify(events))
    },
    failNextRead: () => {
      failures += 1
    },
    staleNextRead: () => {
      staleReads += 1
    },
    staleNextHead: () => {
      staleHeads = 1
    },
  }
}

/**
 * A listener is a position: it asks for what comes after it, again after a failure, as a client that resumes. When the log went back, it
 * begins anew at the head.
 */
function listen(room: Awaited<ReturnType<typeof openRoom>>, from: Position, signal: AbortSignal) {
  const listener = { start: from, at: from, seen: [] as RoomEvent[], done: Promise.resolve() }
  const join = async (head: Position) => {
    const feed = await room.feed()
    feed.compare(head)
    return feed
  }
  let joined = join(room.head())
  const take = async () => {
    const events = await (await joined).next(listener.at, signal)
    for (const event of events) {
      if (!isNext(event, listener.at)) throw new Error(`${event.seq} does not follow ${listener.at.seq}`)
      listener.seen.push(event)
      listener.at = positionOf(event)
    }
  }
  const follow = async () => {
    while (!signal.aborted) {
      try {
        await take()
      } catch (error) {
        await pause(0)
        if (!(error instanceof LogWentBack)) continue
        Object.assign(listener, { start: room.head(), at: room.head(), seen: [] })
        joined = join(room.head())
      }
    }
  }
  listener.done = follow()
  return listener
}

describe('whatever becomes of the broadcast and of the log', () => {
  it('every listener gets the log after its position, once and in order, or is told that the log went back', async () => {
    const property = fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 60 }), async (happenings) => {
      const room = await openRoom()
      const stop = new AbortController()
      const listeners = [listen(room, origin, stop.signal)]
      const happen = async (it: Happening) => {
        switch (it.what) {
          case 'commit':
            return room.commit(it.count)
          case 'go back':
            return room.goBack(it.to % (room.log.length + 1))
          case 'hear': {
            const from = room.ever.length === 0 ? 0 : it.from % room.ever.length
            const events = room.ever.slice(from, from + it.count)
            return room.hear(it.backwards ? events.toReversed() : events)
          }
          case 'join': {
            const seq = it.position % (room.log.length + 1)
            const event = room.log[seq - 1]
            return void listeners.push(listen(room, event ? positionOf(event) : origin, stop.signal))
          }
          case 'compare':
            return room.compare()
          case 'arrive':
            return room.arrive(it.back)
          case 'read fails':
            return room.failNextRead()
          case 'read is stale':
            return room.staleNextRead()
          case 'head is stale':
            return room.staleNextHead()
          case 'time passes':
            return pause(2)
        }
      }
      try {
        for (const it of happenings) await happen(it)
        await until('everybody has everything', async () => {
          // The heads are compared again and again: that is what finds a lost last event, and a log that went back.
          await room.compare()
          // Nor do those who keep arriving put it off.
          await room.arrive(0)
          return listeners.every(({ at }) => isSamePosition(at, room.head()))
        })
        for (const { seen, start } of listeners) {
          const first = room.log[start.seq - 1]
          expect(start).toEqual(first ? positionOf(first) : origin)
          expect(seen).toEqual(room.log.slice(start.seq))
        }
      } finally {
        stop.abort()
        await Promise.all(listeners.map(({ done }) => done))
        await room.close()
      }
    })
    await fc.assert(property, { numRuns: 150 })
  }, 60_000)
})
