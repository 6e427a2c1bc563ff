import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import { unavailable } from '../../../platform/errors/app-error.ts'
import { abortable } from '../../../platform/streams/abortable.ts'
import { UpstreamErrors } from '../upstream.ts'
import { createRingTotal, type RingTotal } from './ring-total.ts'
import { createSharedStreams, defaultSharing, type SharedStreams } from './shared-streams.ts'

/** An upstream under the test's hand. */
interface Upstream {
  after: string
  give(seq: number, remove?: string[]): void
  fail(error: Error): void
  complete(): void
}

let upstreams: Upstream[]
/** Of those that were opened, how many have been closed. */
let closed: number
let ends: string[]
let streams: SharedStreams
let rings: RingTotal
beforeEach(() => {
  upstreams = []
  closed = 0
  ends = []
  const sharing = { ...defaultSharing, patience: 30, joinPatience: 1, ring: { maxFrames: 2, maxBytes: 1_000 } }
  rings = createRingTotal(1_000_000)
  streams = createSharedStreams(sharing, rings, (why) => ends.push(why))
})
afterEach(() => streams.move())

const open = (after: string) =>
  abortable<ExecutionResult>(async function* (signal) {
    const queue: ExecutionResult[] = []
    let over: { error?: Error } | undefined
    let wake = () => {}
    upstreams.push({
      after,
      give(seq, remove) {
        queue.push({ data: { seq }, extensions: { resumable: { cursor: String(seq), live: true, remove } } })
        wake()
      },
      fail(error) {
        over = { error }
        wake()
      },
      complete() {
        over = {}
        wake()
      },
    })
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        const next = queue.shift()
        if (next) yield next
        else if (over?.error) throw over.error
        else if (over) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    } finally {
      closed += 1
    }
  })

async function join(cursor: string, subject = 'ann', toPayload?: () => Promise<Buffer>, key = 'all') {
  const seen: number[] = []
  const listener = { congested: false, drain: () => {} }
  const listening = await streams.join({
    key,
    cursor,
    subject,
    open,
    toPayload: toPayload ?? (async ({ data }) => Buffer.from(String(data?.seq))),
    sink: {
      write: (payload) => void seen.push(Number(payload)),
      writeAll: (payloads) => void seen.push(...payloads.map(Number)),
      isCongested: () => listener.congested,
      isFull: () => false,
      hasRoomFor: () => true,
      hold: () => () => {},
      onceDrained: (resume) => {
        listener.drain = resume
      },
    },
  })
  return { seen, listening, listener }
}
const until = async (condition: () => boolean) => {
  for (const deadline = Date.now() + 5_000; !condition(); await pause(1))
    if (Date.now() > deadline) throw new Error('It did not come to that')
}

describe('a shared stream', () => {
  it('has one upstream for all, which closes when the last has left', async () => {
    const [ann, ben] = [await join('5'), await join('5', 'ben')]
    await until(() => upstreams.length > 0)
    upstreams[0]?.give(6)
    await until(() => ann.seen.length + ben.seen.length === 2)
    expect(upstreams.map(({ after }) => after)).toEqual(['5'])
    ann.listening?.leave()
    expect(await ann.listening?.ended).toEqual({ kind: 'lost', together: 0 })
    expect(streams.counts()).toEqual({ streams: 1, listeners: 1, ringBytes: 1 })
    ben.listening?.leave()
    await until(() => closed === 1)
    expect(streams.counts()).toEqual({ streams: 0, listeners: 0, ringBytes: 0 })
    expect(ends).toEqual(['left'])
  })

  it('lets nobody in where it has not come to, or is past', async () => {
    await join('5')
    expect((await join('6')).listening).toBeUndefined()
    await until(() => upstreams.length > 0)
    for (const seq of [6, 7, 8]) upstreams[0]?.give(seq)
    await until(() => streams.counts().ringBytes === 2)
    expect((await join('5')).listening).toBeUndefined()
    expect((await join('7')).seen).toEqual([8])
  })

  it('opens a lost upstream again after its last event', async () => {
    const { seen } = await join('5')
    await until(() => upstreams.length === 1)
    upstreams[0]?.give(6)
    upstreams[0]?.fail(unavailable('gone'))
    await until(() => upstreams.length === 2)
    upstreams[1]?.give(7)
    await until(() => seen.length === 2)
    expect(upstreams[1]?.after).toBe('6')
    expect(seen).toEqual([6, 7])
  })

  it('asks again when the subgraph cannot serve right now', async () => {
    const { seen } = await join('5')
    await until(() => upstreams.length === 1)
    upstreams[0]?.fail(new UpstreamErrors([{ message: 'not now', extensions: { code: 'UNAVAILABLE' } }]))
    await until(() => upstreams.length === 2)
    upstreams[1]?.give(6)
    await until(() => seen.length === 1)
    expect(ends).toEqual([])
  })

  it('tries to get back one that stood quietly for long, whatever was before', async () => {
    const { seen } = await join('5')
    await until(() => upstreams.length === 1)
    upstreams[0]?.fail(unavailable('gone'))
    await until(() => upstreams.length === 2)
    const later = performance.now() + 60_000
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => later)
    upstreams[1]?.fail(unavailable('gone'))
    await until(() => upstreams.length === 3)
    clock.mockRestore()
    upstreams[2]?.give(6)
    await until(() => seen.length === 1)
    expect(ends).toEqual([])
  })

  it('gives up on one that stays away, and says to each how many go', async () => {
    const [ann, ben] = [await join('5'), await join('5', 'ben')]
    const failing = setInterval(() => upstreams.at(-1)?.fail(unavailable('gone')), 1)
    expect(await ann.listening?.ended).toEqual({ kind: 'lost', together: 2 })
    clearInterval(failing)
    await ben.listening?.ended
    expect(ends).toEqual(['lost'])
    // The next may try at once.
    expect((await join('5')).listening).toBeDefined()
  })

  it('moves everybody at once when the graph changes', async () => {
    const [ann, ben] = [await join('5'), await join('5', 'ben')]
    streams.move()
    expect(await ann.listening?.ended).toEqual({ kind: 'lost', together: 2 })
    expect(await ben.listening?.ended).toEqual({ kind: 'lost', together: 2 })
    expect(ends).toEqual(['moved'])
    expect(streams.counts()).toEqual({ streams: 0, listeners: 0, ringBytes: 0 })
  })

  it('is not opened again for a while when the subgraph refuses it', async () => {
    const { listening } = await join('5')
    await until(() => upstreams.length === 1)
    upstreams[0]?.fail(new UpstreamErrors([{ message: 'not for everyone' }]))
    expect(await listening?.ended).toEqual({ kind: 'lost', together: 1 })
    expect(ends).toEqual(['refused'])
    expect((await join('5')).listening).toBeUndefined()
    expect(upstreams).toHaveLength(1)
  })

  it('ends for all with what an event could not be completed for', async () => {
    const problem = new Error('no data')
    const { listening } = await join('5', 'ann', async () => Promise.reject(problem))
    await until(() => upstreams.length === 1)
    upstreams[0]?.give(6)
    expect(await listening?.ended).toEqual({ kind: 'failed', error: problem })
    expect(ends).toEqual(['failed'])
  })

  it('leaves a client that reads slower where it is, until the ring has passed it', async () => {
    const [fast, slow] = [await join('5'), await join('5', 'ben')]
    await until(() => upstreams.length === 1)
    slow.listener.congested = true
    upstreams[0]?.give(6)
    upstreams[0]?.give(7)
    await until(() => fast.seen.length === 2)
    expect(slow.seen).toEqual([])
    slow.listener.congested = false
    slow.listener.drain()
    expect(slow.seen).toEqual([6, 7])
    slow.listener.congested = true
    for (const seq of [8, 9, 10]) upstreams[0]?.give(seq)
    expect(await slow.listening?.ended).toMatchObject({ kind: 'failed', error: { name: 'TooSlow' } })
    await until(() => fast.seen.length === 5)
    expect(fast.seen).toEqual([6, 7, 8, 9, 10])
    expect(slow.listening?.cursor()).toBe('7')
  })

  it('drops of all rings what nobody is owed, when they hold too much together', async () => {
    rings = createRingTotal(1_200)
    streams = createSharedStreams({ ...defaultSharing, joinPatience: 1 }, rings, (why) => ends.push(why))
    const [ann, ben] = [await join('5'), await join('5', 'ben', undefined, 'other')]
    await until(() => upstreams.length === 2)
    ben.listener.congested = true
    upstreams[1]?.give(6)
    await until(() => streams.counts().ringBytes === 1)
    for (const seq of [6, 7, 8, 9]) upstreams[0]?.give(seq)
    await until(() => ann.seen.length === 4)
    expect(rings.weight()).toBeLessThanOrEqual(1_200)
    expect((await join('6')).listening).toBeUndefined()
    expect((await join('9')).listening).toBeDefined()
    ben.listener.congested = false
    ben.listener.drain()
    expect(ben.seen).toEqual([6])
  })

  it('lets whom it owes too much go on alone, after the last event that was written', async () => {
    rings = createRingTotal(1_200)
    streams = createSharedStreams({ ...defaultSharing, joinPatience: 1 }, rings, (why) => ends.push(why))
    const [ann, ben] = [await join('5'), await join('5', 'ben')]
    await until(() => upstreams.length === 1)
    ben.listener.congested = true
    for (const seq of [6, 7, 8, 9]) upstreams[0]?.give(seq)
    expect(await ben.listening?.ended).toEqual({ kind: 'lost', together: 1 })
    expect(ben.listening?.cursor()).toBe('5')
    await until(() => ann.seen.length === 4)
    expect(rings.weight()).toBeLessThanOrEqual(1_200)
    ann.listening?.leave()
    expect(rings.weight()).toBe(0)
  })
})
