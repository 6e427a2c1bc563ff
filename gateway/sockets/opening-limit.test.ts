import { beforeEach, describe, expect, it } from '@jest/globals'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import type { Limit } from '../limits/limit-count.ts'
import { createOpeningLimit } from './opening-limit.ts'

const unaborted = new AbortController().signal

describe('subscriptions that open', () => {
  let metrics: Metrics
  let counted: Limit[]
  beforeEach(() => {
    metrics = createMetrics('test')
    counted = []
  })
  const createLimit = (bounds: { perUser: number; total: number; longest?: number; patience?: number }) =>
    createOpeningLimit({
      longest: 60_000,
      patience: 60_000,
      ...bounds,
      countLimit: (limit) => void counted.push(limit),
      metrics,
    })
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  }
  /** Asks for a turn for each user, in their order; tells who has had one, and how to end it. */
  const ask = (limit: ReturnType<typeof createOpeningLimit>, ...users: string[]) => {
    const begun: string[] = []
    const turns = users.map(async (user) => {
      const end = await limit.turn(user, unaborted)
      begun.push(user)
      return end
    })
    return { begun, turns }
  }

  it('wait for their turn, which ends once', async () => {
    const { begun, turns } = ask(createLimit({ perUser: 2, total: 10 }), 'ann', 'ann', 'ann', 'ann')
    await settled()
    expect(begun).toHaveLength(2)
    const end = await turns[0]
    end?.()
    end?.()
    await settled()
    expect(begun).toHaveLength(3)
    for (const turn of turns) void turn.then((end) => end())
    await Promise.all(turns)
  })

  it('do not wait for another user, but for the total', async () => {
    const { begun, turns } = ask(createLimit({ perUser: 1, total: 2 }), 'ann', 'ben', 'eve')
    await settled()
    expect(begun).toEqual(['ann', 'ben'])
    ;(await turns[1])?.()
    ;(await turns[2])?.()
    expect(begun).toEqual(['ann', 'ben', 'eve'])
    ;(await turns[0])?.()
  })

  it('give up their turn by its time, when their stream is silent', async () => {
    const { begun, turns } = ask(createLimit({ perUser: 1, total: 1, longest: 5 }), 'ann', 'ann')
    await Promise.all(turns)
    expect(begun).toHaveLength(2)
  })

  it('are turned away when their turn does not come soon enough, and take nobody’s', async () => {
    const limit = createLimit({ perUser: 1, total: 1, patience: 5 })
    const end = await limit.turn('ann', unaborted)
    await expect(limit.turn('ann', unaborted)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(limit.turn('ben', unaborted)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(counted).toEqual(['openings', 'openings'])
    expect(await metrics.text()).toMatch(/parley_openings\S* 1\n[\s\S]*parley_openings_waiting\S* 0\n/)
    end()
    ;(await limit.turn('ben', unaborted))()
    expect(await metrics.text()).toMatch(/parley_openings\S* 0\n/)
  })

  it('leave the queue when nobody wants them any more, and count as nothing', async () => {
    const limit = createLimit({ perUser: 1, total: 1 })
    const end = await limit.turn('ann', unaborted)
    const leaving = new AbortController()
    const [own, another] = [limit.turn('ann', leaving.signal), limit.turn('ben', leaving.signal)]
    const next = limit.turn('ben', unaborted)
    leaving.abort()
    await expect(own).rejects.toThrow('aborted')
    await expect(another).rejects.toThrow('aborted')
    await expect(limit.turn('eve', leaving.signal)).rejects.toThrow('aborted')
    expect(counted).toEqual([])
    end()
    ;(await next)()
    expect(await metrics.text()).toMatch(/parley_openings\S* 0\n[\s\S]*parley_openings_waiting\S* 0\n/)
  })
})
