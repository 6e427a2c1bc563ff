import { describe, expect, it } from '@jest/globals'
import { inBatches } from './in-batches.ts'

describe('batches', () => {
  const run = async (count: number, options: { within: number; least?: number; every?: number }) => {
    const done: number[] = []
    /** How many were done when each pause began, and how long it was. */
    const pauses: [number, number][] = []
    const items = Array.from({ length: count }, (_, index) => index)
    await inBatches(items, (item) => void done.push(item), {
      ...options,
      pause: async (milliseconds) => void pauses.push([done.length, milliseconds]),
    })
    expect(done).toEqual(items)
    return pauses
  }

  it('are spread over the time, equal in size', async () => {
    expect(await run(1_000, { within: 1_000, least: 10, every: 250 })).toEqual([
      [200, 250],
      [400, 250],
      [600, 250],
      [800, 250],
    ])
  })

  it('take no longer than they may, however many items there are', async () => {
    for (const count of [1, 49, 50, 51, 999, 12_345]) {
      const pauses = await run(count, { within: 10_000, least: 50, every: 250 })
      expect(pauses.reduce((sum, [, milliseconds]) => sum + milliseconds, 0)).toBeLessThanOrEqual(10_000)
    }
  })

  it('are one when there are few items, or no time', async () => {
    expect(await run(50, { within: 10_000, least: 50 })).toEqual([])
    expect(await run(1_000, { within: 0 })).toEqual([])
    expect(await run(0, { within: 10_000 })).toEqual([])
  })
})
