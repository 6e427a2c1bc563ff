import { describe, expect, it } from '@jest/globals'
import { abortable } from '../../platform/streams/abortable.ts'
import { createOpeningLimit } from './opening-limit.ts'

describe('subscriptions that open', () => {
  const numbers = (started: () => void) =>
    abortable<number>(async function* (signal) {
      started()
      yield 1
      yield 2
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  }

  it('wait for their turn, which ends when the second event is asked for', async () => {
    const limit = createOpeningLimit({ perUser: 2, total: 10, turn: 60_000 })
    let started = 0
    const count = () => {
      started += 1
    }
    const streams = Array.from({ length: 3 }, () => limit.gate('ann', numbers(count)))
    const firsts = streams.map((stream) => stream.next())
    await settled()
    expect(started).toBe(2)
    expect(await streams[0]?.next()).toEqual({ done: false, value: 2 })
    await Promise.all(firsts)
    expect(started).toBe(3)
    await Promise.all(streams.map((stream) => stream.return()))
  })

  it('do not wait for another user, but for the total', async () => {
    const limit = createOpeningLimit({ perUser: 1, total: 2, turn: 60_000 })
    const started: string[] = []
    const open = (user: string) =>
      limit.gate(
        user,
        numbers(() => void started.push(user)),
      )
    const streams = ['ann', 'ben', 'eve'].map(open)
    const firsts = streams.map((stream) => stream.next())
    await settled()
    expect(started).toEqual(['ann', 'ben'])
    await streams[1]?.return()
    await Promise.all(firsts)
    expect(started).toEqual(['ann', 'ben', 'eve'])
    await Promise.all(streams.map((stream) => stream.return()))
  })

  it('give up their turn by its time, when their stream is silent', async () => {
    const limit = createOpeningLimit({ perUser: 1, total: 1, turn: 5 })
    const silent = abortable<number>(async function* (signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    const first = limit.gate('ann', silent)
    const waiting = first.next()
    const second = limit.gate(
      'ann',
      numbers(() => {}),
    )
    expect(await second.next()).toEqual({ done: false, value: 1 })
    await first.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await second.return()
  })

  it('that are given up while they wait take nobody’s turn', async () => {
    const limit = createOpeningLimit({ perUser: 1, total: 1, turn: 60_000 })
    const streams = Array.from({ length: 3 }, () =>
      limit.gate(
        'ann',
        numbers(() => {}),
      ),
    )
    const [first, second, third] = streams
    await first?.next()
    const waiting = second?.next()
    await settled()
    const returned = second?.return()
    await first?.return()
    await returned
    await waiting
    expect(await third?.next()).toEqual({ done: false, value: 1 })
    await third?.return()
  })
})
