import { expect, it } from '@jest/globals'
import { climb } from './climb.ts'
import type { Rooms } from './contenders.ts'

/** Keeps up to this many messages a second; above it is slow, or loses some and is slow only later. */
const upTo = (most: number, { tried = [] as number[], loses = false } = {}): Rooms => ({
  async run(perSecond) {
    tried.push(perSecond)
    const slowAbove = loses ? 10 * most : most
    return { failed: loses && perSecond > most ? 1 : 0, p50: 1, p99: perSecond > slowAbove ? 251 : 250 }
  },
})
const options = { from: 30, limit: 250, seconds: 1, rounds: 2, say: () => {} }

it('raises the rate until Parley passes the limit, then on for the bare server alone', async () => {
  const tried: number[] = []
  const { steps, sustained } = await climb({ ...options, parley: upTo(60, { tried }), bare: upTo(200) })
  expect(sustained).toEqual({ parley: 53, bare: 142 })
  expect(tried).toEqual([30, 30, 40, 40, 53, 53, 71, 71])
  expect(steps.map(({ perSecond, parley }) => [perSecond, parley?.p99])).toEqual([
    [30, 250],
    [40, 250],
    [53, 250],
    [71, 251],
    [142, undefined],
    [284, undefined],
  ])
})

it('takes no rate at which a send was not acknowledged', async () => {
  const { sustained } = await climb({ ...options, parley: upTo(20, { loses: true }), bare: upTo(20) })
  expect(sustained).toEqual({ parley: 0, bare: 0 })
})

it('ends when the bare server keeps up with all that can be sent', async () => {
  const { sustained } = await climb({ ...options, parley: upTo(0), bare: upTo(1e9) })
  expect(sustained.bare).toBe(15_360)
})
