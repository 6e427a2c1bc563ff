import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createMetrics, type Metrics } from '../../../platform/metrics/metrics.ts'
import { createDistinctStreams, defaultStreamLimits, type StreamLimit, type StreamLimits } from './distinct-streams.ts'

const follower = (userId: string, address = userId) => ({ userId, address })
const stream = (source: string, key: string, isShareable = true) => ({ source, key, isShareable })

describe('streams that differ', () => {
  let metrics: Metrics
  let counted: StreamLimit[]
  beforeEach(() => {
    metrics = createMetrics('test')
    counted = []
  })
  const create = (limits: Partial<StreamLimits> = {}) =>
    createDistinctStreams({
      limits: { ...defaultStreamLimits, ...limits },
      countLimit: (limit) => void counted.push(limit),
      metrics,
    })

  it('are bounded for what they follow; equal ones are one, however many', () => {
    const streams = create({ variantsPerUser: 2 })
    const ends = Array.from({ length: 500 }, (_, index) =>
      streams.enter(follower('ann'), stream('room', `${index % 2}`)),
    )
    expect(() => streams.enter(follower('ann'), stream('room', 'another'))).toThrow(
      expect.objectContaining({
        code: 'TOO_MANY_REQUESTS',
        details: { retryAfter: 1, limit: 'stream_variants_per_user', asked: 3, allowed: 2 },
      }),
    )
    streams.enter(follower('ann'), stream('another room', 'another'))
    streams.enter(follower('ben'), stream('room', 'another'))
    for (const end of ends) end()
    streams.enter(follower('ann'), stream('room', 'another'))
    expect(counted).toEqual(['stream_variants_per_user'])
  })

  it('are bounded for an address, too, but those that cannot be shared only for their user', () => {
    const streams = create({ variantsPerAddress: 3, unsharedPerUser: 2 })
    for (const user of ['a', 'b', 'c']) streams.enter(follower(user, 'office'), stream('room', `of ${user}`))
    expect(() => streams.enter(follower('d', 'office'), stream('room', 'of d'))).toThrow('stream_variants_per_address')
    streams.enter(follower('d', 'office'), stream('room', 'of a'))
    for (let user = 0; user < 50; user += 1) streams.enter(follower(`u${user}`, 'office'), stream('inbox', 'i', false))
    streams.enter(follower('u1', 'office'), stream('inbox', 'i', false))
    expect(() => streams.enter(follower('u1', 'office'), stream('inbox', 'i', false))).toThrow(
      'unshared_streams_per_user: at most 2',
    )
  })

  it('never pass a limit, whatever comes and goes, and leave nothing behind', async () => {
    const limits = { perUser: 6, perAddress: 9, variantsPerUser: 2, variantsPerAddress: 3, unsharedPerUser: 3 }
    const step = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      source: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
      key: fc.constantFrom('k1', 'k2', 'k3'),
      isShareable: fc.boolean(),
      ends: fc.nat(10),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const streams = createDistinctStreams({ limits, countLimit: () => {}, metrics: createMetrics('test') })
        const held: { end(): void; user: string; source: string; key: string; isShareable: boolean }[] = []
        for (const { user, source, key, isShareable, ends } of steps) {
          const asked = { source: `${source}${isShareable}`, key: `${source}${key}${isShareable}`, isShareable }
          try {
            held.push({ end: streams.enter(follower(user, 'home'), asked), user, ...asked })
          } catch {
            held.splice(ends % Math.max(1, held.length), 1)[0]?.end()
          }
          for (const one of ['a', 'b', 'c']) {
            const own = held.filter((each) => each.user === one)
            expect(new Set(own.map((each) => each.key)).size).toBeLessThanOrEqual(limits.perUser)
            for (const of of new Set(own.map((each) => each.source))) {
              const same = own.filter((each) => each.source === of)
              expect(new Set(same.map((each) => each.key)).size).toBeLessThanOrEqual(limits.variantsPerUser)
              if (!same[0]?.isShareable) expect(same.length).toBeLessThanOrEqual(limits.unsharedPerUser)
            }
          }
        }
        for (const { end } of held) end()
        // Everything fits again.
        for (let room = 0; room < limits.perUser; room += 1)
          streams.enter(follower('a', 'home'), stream(`s${room}`, `${room}`))
      }),
    )
    create()
    expect(await metrics.text()).toMatch(/parley_distinct_streams\S* 0\n/)
  })
})
