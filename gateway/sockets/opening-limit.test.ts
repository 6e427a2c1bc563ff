import { beforeEach, describe, expect, it } from '@jest/globals'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import type { SocketLimits } from '../config.ts'
import type { Limit } from '../limits/limit-count.ts'
import { createOpeningLimit, type Opener } from './opening-limit.ts'

type Bounds = SocketLimits['openings']

/** A user on a socket of their own. */
const by = (userId: string, more: Partial<Opener> = {}): Opener => ({ socket: {}, userId, address: userId, ...more })

const unaborted = new AbortController().signal

describe('subscriptions that open', () => {
  let metrics: Metrics
  let counted: Limit[]
  beforeEach(() => {
    metrics = createMetrics('test')
    counted = []
  })
  const createLimit = ({
    longest = 60_000,
    patience = 60_000,
    replays = {},
    ...bounds
  }: Partial<Bounds & { longest: number; patience: number; replays: Partial<SocketLimits['replays']> }>) =>
    createOpeningLimit({
      longest,
      patience,
      openings: { perSocket: 100, perUser: 100, perAddress: 100, total: 100, ...bounds },
      replays: { perUser: 100, total: 100, ...replays },
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
      const { end } = await limit.turn(by(user), false, unaborted)
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

  it('wait for others of their address, who are other users', async () => {
    const limit = createLimit({ perAddress: 2 })
    const turns = ['ann', 'ben', 'eve'].map((user) => limit.turn(by(user, { address: '192.0.2.1' }), false, unaborted))
    const elsewhere = await limit.turn(by('fay'), false, unaborted)
    const begun = await Promise.all(turns.slice(0, 2))
    await settled()
    expect(await metrics.text()).toMatch(/parley_openings\S* 3\n[\s\S]*parley_openings_waiting\S* 1\n/)
    for (const { end } of [...begun, elsewhere]) end()
    ;(await turns[2])?.end()
  })

  it('hold up only their own socket while their first event waits for room there', async () => {
    const limit = createLimit({ perSocket: 1, perUser: 1, perAddress: 1, total: 1, patience: 5 })
    const socket = {}
    const slow = await limit.turn(by('ann', { socket }), false, unaborted)
    const next = limit.turn(by('ann', { socket }), false, unaborted)
    let hasBegun = false
    void next.then(() => {
      hasBegun = true
    })
    slow.arrived()
    ;(await limit.turn(by('ann'), false, unaborted)).end()
    ;(await limit.turn(by('ben'), false, unaborted)).end()
    // However long that takes: no time runs out for who waits behind it.
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(hasBegun).toBe(false)
    slow.end()
    ;(await next).end()
    expect(counted).toEqual([])
    expect(await metrics.text()).toMatch(/parley_openings\S* 0\n/)
  })

  it('give up their turn by its time, when their stream is silent', async () => {
    const { begun, turns } = ask(createLimit({ perUser: 1, total: 1, longest: 5 }), 'ann', 'ann')
    await Promise.all(turns)
    expect(begun).toHaveLength(2)
  })

  it('are turned away when their turn does not come soon enough, and take nobody’s', async () => {
    const limit = createLimit({ perUser: 1, total: 1, patience: 5 })
    const { end } = await limit.turn(by('ann'), false, unaborted)
    await expect(limit.turn(by('ann'), false, unaborted)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(limit.turn(by('ben'), false, unaborted)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(counted).toEqual(['openings', 'openings'])
    expect(await metrics.text()).toMatch(/parley_openings\S* 1\n[\s\S]*parley_openings_waiting\S* 0\n/)
    end()
    ;(await limit.turn(by('ben'), false, unaborted)).end()
    expect(await metrics.text()).toMatch(/parley_openings\S* 0\n/)
  })

  it('leave the queue when nobody wants them any more, and count as nothing', async () => {
    const limit = createLimit({ perUser: 1, total: 1 })
    const { end } = await limit.turn(by('ann'), false, unaborted)
    const leaving = new AbortController()
    const [own, another] = [limit.turn(by('ann'), false, leaving.signal), limit.turn(by('ben'), false, leaving.signal)]
    const next = limit.turn(by('ben'), false, unaborted)
    leaving.abort()
    await expect(own).rejects.toThrow('aborted')
    await expect(another).rejects.toThrow('aborted')
    await expect(limit.turn(by('eve'), false, leaving.signal)).rejects.toThrow('aborted')
    expect(counted).toEqual([])
    end()
    ;(await next).end()
    expect(await metrics.text()).toMatch(/parley_openings\S* 0\n[\s\S]*parley_openings_waiting\S* 0\n/)
  })

  describe('and catch up', () => {
    it('count for their user until that is written, and their events keep nobody else from opening', async () => {
      const limit = createLimit({ perUser: 1, patience: 5, replays: { perUser: 2 } })
      const begin = async () => {
        const turn = await limit.turn(by('ann'), true, unaborted)
        turn.arrived()
        turn.written()
        return turn
      }
      const [first] = [await begin(), await begin()]
      let hasBegun = false
      const third = begin().then((turn) => {
        hasBegun = true
        return turn
      })
      ;(await limit.turn(by('ben'), true, unaborted)).end()
      ;(await limit.turn(by('ann'), false, unaborted)).end()
      // Its own come one after the other, however long that takes.
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(hasBegun).toBe(false)
      first.end()
      ;(await third).end()
      expect(counted).toEqual([])
    })

    it('are bounded in all while the gateway works on them, not while their clients read', async () => {
      const limit = createLimit({ patience: 5, replays: { total: 1 } })
      const reading = await limit.turn(by('ann'), true, unaborted)
      await expect(limit.turn(by('ben'), true, unaborted)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        details: { limit: 'replays', asked: 2, allowed: 1 },
      })
      expect(counted).toEqual(['replays'])
      reading.waitsForClient()
      const working = await limit.turn(by('ben'), true, unaborted)
      expect(await metrics.text()).toMatch(/parley_replays\S* 1\n/)
      reading.end()
      working.end()
      expect(await metrics.text()).toMatch(/parley_replays\S* 0\n/)
    })

    it('give up their turn when nothing more comes, though they never say that they have caught up', async () => {
      const limit = createLimit({ longest: 5, replays: { perUser: 1, total: 1 } })
      for (const _ of [1, 2, 3]) {
        const { arrived, written } = await limit.turn(by('ann'), true, unaborted)
        arrived()
        written()
      }
    })

    it('keep their turn until they have begun, because they begin in time or end', async () => {
      const limit = createLimit({ longest: 1, replays: { perUser: 1 } })
      const { end } = await limit.turn(by('ann'), true, unaborted)
      let hasBegun = false
      const next = limit.turn(by('ann'), true, unaborted).then((turn) => {
        hasBegun = true
        return turn
      })
      await new Promise((resolve) => setTimeout(resolve, 10))
      expect(hasBegun).toBe(false)
      end()
      ;(await next).end()
    })
  })
})
