import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLogger } from '../../../platform/logging/logger.ts'
import { chatDefaults } from '../config.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import type { RoomLogStore } from '../store/chat-store.ts'
import { sent } from '../testing/drafts.ts'
import { until } from '../testing/until.ts'
import { createPageCache } from './log-pages.ts'
import { openRoomFeed, type RoomFeed } from './room-feed.ts'

const roomId = 'room'

/** What can happen to a room, its broadcast, and whoever listens. Numbers are taken modulo what there is. */
type Happening =
  | { what: 'commit'; count: number }
  | { what: 'hear'; from: number; count: number; backwards: boolean }
  | { what: 'join'; position: number }
  | { what: 'compare' }
  | { what: 'read fails' }
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
  { weight: 1, arbitrary: fc.record({ what: fc.constant('compare' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('read fails' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('time passes' as const) }) },
)

/** A room whose log grows by `commit`, and whose broadcast says only what `hear` makes it say: lost, late, again, in any order. */
async function openRoom() {
  const log: RoomEvent[] = []
  const listeners = new Set<(payload: string) => void>()
  let failures = 0
  const read: RoomLogStore['read'] = async (_, after, limit) => {
    await pause(0)
    if (failures > 0) {
      failures -= 1
      throw new Error('not now')
    }
    return log.slice(after, after + limit)
  }
  const feed = await openRoomFeed({
    roomId,
    // Small, so that listeners fall out of the ring, pages do not reach, and few are kept.
    limits: { ...chatDefaults.feeds, maxEvents: 8, maxAhead: 4, pageSize: 5, patience: 1 },
    pageCache: createPageCache({ maxPageBytes: 6_000, pageAge: 3 }),
    count: () => {},
    logger: createLogger('chat', 'silent'),
    log: { read, heads: async () => new Map([[roomId, log.length]]) } as unknown as RoomLogStore,
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
  return {
    feed,
    log,
    commit: (count: number) => {
      for (let added = 0; added < count; added += 1) log.push({ ...sent('text'), roomId, seq: log.length + 1 })
    },
    hear: (events: RoomEvent[]) => {
      for (const listener of listeners) listener(JSON.stringify(events))
    },
    failNextRead: () => {
      failures += 1
    },
  }
}

/** A listener is a position: it asks for what comes after it, again after a failure, as a client that resumes. */
function listen(feed: RoomFeed, position: number, signal: AbortSignal) {
  const seen: number[] = []
  const follow = async () => {
    for (let at = position; !signal.aborted; at = seen.at(-1) ?? position) {
      const events = await feed.next(at, signal).catch(() => pause(0, [] as RoomEvent[]))
      seen.push(...events.map(({ seq }) => seq))
    }
  }
  return { position, seen, done: follow() }
}

describe('whatever becomes of the broadcast', () => {
  it('every listener gets the log after its position, once and in order', async () => {
    const property = fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 60 }), async (happenings) => {
      const room = await openRoom()
      const stop = new AbortController()
      const listeners = [listen(room.feed, 0, stop.signal)]
      const happen = async (it: Happening) => {
        switch (it.what) {
          case 'commit':
            return room.commit(it.count)
          case 'hear': {
            const from = room.log.length === 0 ? 0 : it.from % room.log.length
            const events = room.log.slice(from, from + it.count)
            return room.hear(it.backwards ? events.toReversed() : events)
          }
          case 'join':
            return void listeners.push(listen(room.feed, it.position % (room.log.length + 1), stop.signal))
          case 'compare':
            return room.feed.compare(room.log.length)
          case 'read fails':
            return room.failNextRead()
          case 'time passes':
            return pause(2)
        }
      }
      try {
        for (const it of happenings) await happen(it)
        await until('everybody has everything', () => {
          // The heads are compared again and again: that is what finds a lost last event.
          room.feed.compare(room.log.length)
          return listeners.every(({ seen, position }) => (seen.at(-1) ?? position) >= room.log.length)
        })
        for (const { seen, position } of listeners)
          expect(seen).toEqual(Array.from({ length: room.log.length - position }, (_, index) => position + index + 1))
      } finally {
        stop.abort()
        await Promise.all(listeners.map(({ done }) => done))
        await room.feed.close()
      }
    })
    await fc.assert(property, { numRuns: 150 })
  }, 60_000)
})
