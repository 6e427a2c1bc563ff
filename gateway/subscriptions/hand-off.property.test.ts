import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ExecutionResult } from 'graphql'
import { unavailable } from '../../platform/errors/app-error.ts'
import { abortable } from '../../platform/streams/abortable.ts'
import { type Following, follow } from './follow.ts'
import { createRingTotal } from './sharing/ring-total.ts'
import { createSharedStreams } from './sharing/shared-streams.ts'
import { UpstreamErrors } from './upstream.ts'

/** What can happen to a stream, to the ways there, and to whoever follows it. Numbers are taken modulo what there is. */
type Happening =
  | { what: 'commit'; count: number }
  | { what: 'remove'; client: number }
  | { what: 'advance'; upstream: number; count: number }
  | { what: 'lose'; upstream: number }
  | { what: 'refuse everyone' }
  | { what: 'enter'; after: number }
  | { what: 'leave'; client: number }
  | { what: 'congest'; client: number }
  | { what: 'drain'; client: number }
  | { what: 'new graph' }
  | { what: 'time passes' }

const some = fc.nat(50)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remove' as const), client: some }) },
  {
    weight: 9,
    arbitrary: fc.record({
      what: fc.constant('advance' as const),
      upstream: some,
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('lose' as const), upstream: some }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('refuse everyone' as const) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('enter' as const), after: some }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('leave' as const), client: some }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('congest' as const), client: some }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('drain' as const), client: some }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('new graph' as const) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('time passes' as const) }) },
)

interface Upstream {
  /** How many more events it may give. */
  allowed: number
  lost: boolean
  wake(): void
}

interface Client {
  name: string
  start: number
  /** Numbers of events in the order in which they came. */
  seen: number[]
  congested: boolean
  /** Its subscription came to its end, as it does when it is removed. */
  completed: boolean
  /** It has left, after so many events. */
  leftAfter?: number
  /** It was removed while it was away. */
  refused: boolean
  /** How often each of its subscriptions told that it had caught up. */
  caughtUp: number[]
  drained?: () => void
  following?: Following
}

/** A log of numbered events, some of which remove a client, and everything between it and its clients. */
function createWorld() {
  /** Whom each event removes. */
  const log: (string | undefined)[] = []
  const upstreams = new Set<Upstream>()
  const clients: Client[] = []
  const sharing = {
    ring: { maxFrames: 4, maxBytes: 1_000_000 },
    patience: 20,
    joinPatience: 3,
    joinAgainAfter: 2,
    refusalMemory: 4,
  }
  // Less than its rings hold now and then: they drop what nobody is owed, and what somebody is.
  const rings = createRingTotal(1_600)
  let streams = createSharedStreams(sharing, rings, () => {})
  let refusesEveryone = false
  let opened = 0
  let completions = 0
  let free = false
  let over = false

  const wakeAll = () => {
    for (const upstream of upstreams) upstream.wake()
  }
  const event = (seq: number, live: boolean, isMarker = false): ExecutionResult => ({
    data: { seq: isMarker ? 0 : seq },
    extensions: {
      resumable: {
        cursor: String(seq),
        live,
        remove: isMarker ? [] : [log[seq - 1]].filter((name) => name !== undefined),
      },
    },
  })
  const open = (after: string | undefined, reader: string | 'everyone') =>
    abortable<ExecutionResult>(async function* (signal) {
      const upstream: Upstream = { allowed: opened++ % 5, lost: false, wake: () => {} }
      upstreams.add(upstream)
      const permitted = async () => {
        while (!signal.aborted && !upstream.lost && !free && upstream.allowed <= 0)
          await new Promise<void>((resolve) => {
            upstream.wake = resolve
          })
        if (upstream.lost) throw unavailable('lost')
        upstream.allowed -= 1
      }
      const next = async (seq: number) => {
        while (!signal.aborted && !upstream.lost && log.length < seq)
          await new Promise<void>((resolve) => {
            upstream.wake = resolve
          })
      }
      signal.addEventListener('abort', () => upstream.wake())
      try {
        const head = log.length
        let position = Number(after ?? 0)
        if (reader === 'everyone' && refusesEveryone) throw new UpstreamErrors([{ message: 'not for everyone' }])
        if (log.slice(0, head).includes(reader)) throw new UpstreamErrors([{ message: 'not a member' }])
        for (; reader !== 'everyone' && position < head; position += 1) {
          await permitted()
          yield event(position + 1, false)
        }
        if (reader !== 'everyone') {
          await permitted()
          yield event(position, true, true)
        }
        for (; !signal.aborted; position += 1) {
          await next(position + 1)
          await permitted()
          if (signal.aborted) return
          yield event(position + 1, true)
          if (log[position] === reader) return
        }
      } finally {
        upstreams.delete(upstream)
      }
    })
  const toPayload = async ({ data }: ExecutionResult) => {
    for (let turns = (completions++ * 7) % 3; turns > 0; turns -= 1) await new Promise(setImmediate)
    return Buffer.from(String((data as { seq: number }).seq))
  }
  /** Follows, and begins again after the last event, as clients do, until its time is over. */
  const enter = async (client: Client) => {
    const sink = sinkOf(client)
    for (
      let after = client.start;
      !over && client.leftAfter === undefined && !client.completed && !client.refused;
      after = client.seen.at(-1) ?? client.start
    ) {
      client.caughtUp.push(0)
      const following = follow({
        subject: client.name,
        after: String(after),
        joinAgainAfter: sharing.joinAgainAfter,
        turn: async () => ({ arrived() {}, waitsForClient() {}, written() {}, end() {} }),
        charge: { add: () => undefined, settle() {} },
        sink,
        prepare: async () => ({
          resumable: true,
          open: (cursor) => open(cursor, client.name),
          toPayload,
          join: (cursor) =>
            streams.join({
              key: 'all',
              cursor,
              subject: client.name,
              sink,
              open: (from) => open(from, 'everyone'),
              toPayload,
            }),
        }),
      })
      client.following = following
      try {
        await following.ended
        client.completed = !over
      } catch (error) {
        // It has been removed, and cannot enter again.
        if (error instanceof UpstreamErrors) client.refused = true
        await pause(1)
      }
    }
  }
  const take = (client: Client, payload: Buffer) => {
    if (Number(payload) > 0) client.seen.push(Number(payload))
    else client.caughtUp.push((client.caughtUp.pop() ?? 0) + 1)
  }
  const sinkOf = (client: Client) => ({
    write: (payload: Buffer) => take(client, payload),
    writeAll: (payloads: readonly Buffer[]) => {
      for (const payload of payloads) take(client, payload)
    },
    isCongested: () => client.congested,
    isFull: () => client.congested,
    hasRoomFor: () => !client.congested,
    // Now and then too much waits for all clients.
    hold: () => (opened % 2 ? undefined : () => {}),
    onceDrained: (listener: () => void) => {
      client.drained = listener
    },
  })
  const drain = (client: Client) => {
    client.congested = false
    client.drained?.()
    client.drained = undefined
  }
  const nth = <T>(items: Iterable<T>, index: number): T | undefined => {
    const all = [...items]
    return all[index % Math.max(1, all.length)]
  }
  const entering: Promise<void>[] = []

  return {
    log,
    clients,
    async happen(it: Happening) {
      switch (it.what) {
        case 'commit':
          for (let count = 0; count < it.count; count += 1) log.push(undefined)
          return wakeAll()
        case 'remove': {
          const client = nth(clients, it.client)
          if (client && !log.includes(client.name)) log.push(client.name)
          return wakeAll()
        }
        case 'advance': {
          const upstream = nth(upstreams, it.upstream)
          if (upstream) upstream.allowed += it.count
          return upstream?.wake()
        }
        case 'lose': {
          const upstream = nth(upstreams, it.upstream)
          if (upstream) upstream.lost = true
          return upstream?.wake()
        }
        case 'refuse everyone':
          refusesEveryone = !refusesEveryone
          return
        case 'enter': {
          const client: Client = {
            name: `client ${clients.length}`,
            start: it.after % (log.length + 1),
            seen: [],
            congested: false,
            completed: false,
            refused: false,
            caughtUp: [],
          }
          clients.push(client)
          entering.push(enter(client))
          return
        }
        case 'leave': {
          const client = nth(clients, it.client)
          if (!client || client.leftAfter !== undefined) return
          client.following?.stop()
          client.leftAfter = client.seen.length
          return
        }
        case 'congest': {
          const client = nth(clients, it.client)
          if (client) client.congested = true
          return
        }
        case 'drain': {
          const client = nth(clients, it.client)
          return client && drain(client)
        }
        case 'new graph': {
          const before = streams
          streams = createSharedStreams(sharing, rings, () => {})
          before.move()
          for (const { following } of clients) following?.move()
          return
        }
        case 'time passes':
          return pause(2)
      }
    },
    /** Lets everything through. */
    release() {
      free = true
      refusesEveryone = false
      for (const client of clients) drain(client)
      wakeAll()
    },
    async close() {
      over = true
      for (const { following } of clients) following?.stop()
      wakeAll()
      await Promise.all(entering)
      expect(streams.counts()).toEqual({ streams: 0, listeners: 0, ringBytes: 0 })
      expect(rings.weight()).toBe(0)
    },
  }
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index + 1)

describe('whatever becomes of upstreams and sockets', () => {
  it('every client gets the log after its cursor up to its removal, once and in order', async () => {
    const property = fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 150, size: 'max' }),
      async (happenings) => {
        const world = createWorld()
        try {
          for (const it of happenings) await world.happen(it)
          world.release()
          const endOf = ({ name }: Client) => world.log.indexOf(name) + 1 || world.log.length
          const lastOf = ({ seen, start }: Client) => seen.at(-1) ?? start
          for (const deadline = Date.now() + 5_000; ; await pause(1)) {
            const behind = world.clients.filter(
              (client) =>
                !client.completed &&
                client.leftAfter === undefined &&
                !client.refused &&
                (lastOf(client) < endOf(client) || client.caughtUp.at(-1) === 0),
            )
            if (behind.length === 0) break
            if (Date.now() > deadline)
              throw new Error(
                `Left behind: ${JSON.stringify(behind.map(({ name, start, seen, caughtUp }) => [name, start, seen, caughtUp]))}`,
              )
          }
          for (const client of world.clients) {
            const wanted = range(client.start, endOf(client))
            const gone = client.refused || client.leftAfter !== undefined
            expect(client.seen).toEqual(gone ? wanted.slice(0, client.leftAfter ?? client.seen.length) : wanted)
            expect(Math.max(...client.caughtUp)).toBeLessThanOrEqual(1)
          }
        } finally {
          await world.close()
        }
      },
    )
    await fc.assert(property, { numRuns: 300, interruptAfterTimeLimit: 60_000 })
  }, 120_000)
})
