import { performance } from 'node:perf_hooks'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { LogEvent } from '../event-log.ts'
import { type AppendQueue, type AppendQueueOptions, createAppendQueue } from './append-queue.kafka.ts'

describe('append queue', () => {
  /** The requests, and how each is answered. */
  let requests: { byTopic: Record<string, string[]>; deadline: number; answer: PromiseWithResolvers<void> }[]
  let queue: AppendQueue
  const patience = 5_000
  beforeEach(() => {
    requests = []
    queue = create()
  })
  const create = (options: Partial<AppendQueueOptions> = {}) =>
    createAppendQueue({
      patience,
      send: (byTopic, deadline) => {
        const answer = Promise.withResolvers<void>()
        const values = [...byTopic].map(([topic, events]) => [topic, events.map(({ value }) => value)])
        requests.push({ byTopic: Object.fromEntries(values), deadline, answer })
        return answer.promise
      },
      ...options,
    })
  const events = (...values: string[]): LogEvent[] => values.map((value) => ({ key: '', value }))
  const sent = () => requests.map(({ byTopic }) => byTopic)
  const turn = () => new Promise(setImmediate)
  const answer = async (index: number, error?: Error) => {
    if (error) requests[index]?.answer.reject(error)
    else requests[index]?.answer.resolve()
    await turn()
  }
  /** How appends have ended so far. */
  const outcomes = async (appends: Promise<void>[]) => {
    await turn()
    const pending = Symbol('pending')
    const states = await Promise.allSettled(appends.map((append) => Promise.race([append, pending])))
    return states.map((state) => {
      if (state.status === 'rejected') return state.reason.code ?? state.reason.message
      return state.value === pending ? 'waits' : 'durable'
    })
  }

  it('sends one request at a time; what comes meanwhile goes with the next, in order', async () => {
    const appends = [queue.append('t', events('a', 'b'))]
    appends.push(queue.append('t', events('c')), queue.append('other', events('d')), queue.append('t', events('e')))
    expect(sent()).toEqual([{ t: ['a', 'b'] }])
    expect(await outcomes(appends)).toEqual(['waits', 'waits', 'waits', 'waits'])
    await answer(0)
    expect(await outcomes(appends)).toEqual(['durable', 'waits', 'waits', 'waits'])
    expect(sent().slice(1)).toEqual([{ t: ['c', 'e'], other: ['d'] }])
    await answer(1)
    expect(await outcomes(appends)).toEqual(['durable', 'durable', 'durable', 'durable'])
    expect(requests).toHaveLength(2)
  })

  it('sends nothing when there is nothing', async () => {
    await queue.append('t', [])
    expect(requests).toEqual([])
  })

  it('parts what is too much for one request; an append is durable with its last event', async () => {
    queue = create({ mostEvents: 2 })
    const appends = [
      queue.append('t', events('1')),
      queue.append('t', events('2', '3', '4')),
      queue.append('t', events('5')),
    ]
    await answer(0)
    await answer(1)
    expect(await outcomes(appends)).toEqual(['durable', 'waits', 'waits'])
    await answer(2)
    expect(await outcomes(appends)).toEqual(['durable', 'durable', 'durable'])
    expect(sent()).toEqual([{ t: ['1'] }, { t: ['2', '3'] }, { t: ['4', '5'] }])
  })

  it('counts bytes, and sends a large event alone', async () => {
    queue = create({ mostBytes: 1_000 })
    const large = 'x'.repeat(2_000)
    const half = 'ü'.repeat(225)
    const appends = [queue.append('t', events('first')), queue.append('t', events(half, half, half, large, 'last'))]
    for (let index = 0; index < 5; index += 1) await answer(index)
    expect(sent()).toEqual([{ t: ['first'] }, { t: [half, half] }, { t: [half] }, { t: [large] }, { t: ['last'] }])
    expect(await outcomes(appends)).toEqual(['durable', 'durable'])
  })

  it('throws to every append that had a part in a failed request, drops the rest of them, and goes on', async () => {
    queue = create({ mostEvents: 2 })
    const appends = [
      queue.append('t', events('1')),
      queue.append('t', events('2')),
      queue.append('t', events('3', '4', '5')),
      queue.append('t', events('6')),
    ]
    await answer(0)
    await answer(1, new Error('away'))
    expect(await outcomes(appends)).toEqual(['durable', 'away', 'away', 'waits'])
    await answer(2)
    expect(await outcomes(appends)).toEqual(['durable', 'away', 'away', 'durable'])
    expect(sent()).toEqual([{ t: ['1'] }, { t: ['2', '3'] }, { t: ['6'] }])
  })

  it('gives a request until the patience of its oldest append ends, counted from the last one that got through', async () => {
    const before = performance.now()
    queue.append('t', events('1')).catch(() => {})
    queue.append('t', events('2')).catch(() => {})
    const after = performance.now()
    await answer(0)
    await answer(1)
    const [first, second] = requests.map(({ deadline }) => deadline - patience)
    expect(first).toBeGreaterThanOrEqual(before)
    expect(first).toBeLessThanOrEqual(after)
    expect(second).toBeGreaterThanOrEqual(after)
  })

  it('is UNAVAILABLE to what does not fit in any more, and has room again later', async () => {
    queue = create({ mostWaiting: 1_000 })
    const value = 'x'.repeat(300)
    const appends = [1, 2, 3].map(() => queue.append('t', events(value)))
    expect(await outcomes(appends)).toEqual(['waits', 'waits', 'UNAVAILABLE'])
    await answer(0)
    appends.push(queue.append('t', events(value)))
    expect(await outcomes(appends)).toEqual(['durable', 'waits', 'UNAVAILABLE', 'waits'])
    await answer(1, new Error('away'))
    await answer(2)
    appends.push(queue.append('t', events(value)), queue.append('t', events(value)))
    expect((await outcomes(appends)).slice(-2)).toEqual(['waits', 'waits'])
  })

  it('closes once everything is durable, and takes nothing more', async () => {
    const append = queue.append('t', events('1'))
    let isClosed = false
    const closing = queue.close().then(() => {
      isClosed = true
    })
    await expect(queue.append('t', events('2'))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await turn()
    expect(isClosed).toBe(false)
    await answer(0)
    await closing
    await append
  })

  it('is UNAVAILABLE to all that wait when it is abandoned', async () => {
    const appends = [queue.append('t', events('1')), queue.append('t', events('2'))]
    queue.abandon()
    expect(await outcomes(appends)).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
    await answer(0)
    expect(requests).toHaveLength(1)
  })
})
