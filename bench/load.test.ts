import { expect, it } from '@jest/globals'
import { atRate, eachOf, throughput } from './load.ts'

it('starts work at a rate without waiting for what was started before', async () => {
  const last = Promise.withResolvers<void>()
  const outcome = await atRate({
    perSecond: 1_000,
    goesOn: (started) => started < 5,
    work: async (count) => {
      if (count === 4) last.resolve()
      await last.promise
    },
  })
  expect(outcome).toEqual({ started: 5, failed: 0 })
})

it('counts the work that failed, and keeps the first reason', async () => {
  const outcome = await atRate({
    perSecond: 1_000,
    goesOn: (started) => started < 4,
    work: async (count) => {
      if (count > 1) throw new Error(`number ${count}`)
    },
  })
  expect(outcome).toEqual({ started: 4, failed: 2, problem: 'Error: number 2' })
})

it('does so much at a time, and keeps the order of the items', async () => {
  let running = 0
  let most = 0
  const doubled = await eachOf([5, 4, 3, 2, 1], 2, async (item) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, item))
    running -= 1
    return item * 2
  })
  expect(doubled).toEqual([10, 8, 6, 4, 2])
  expect(most).toBe(2)
})

it('gives how often the work was done in a second', async () => {
  let done = 0
  const start = performance.now()
  const perSecond = await throughput(3, 0.02, async () => {
    done += 1
  })
  const slowest = done / ((performance.now() - start) / 1_000)
  expect(perSecond).toBeGreaterThanOrEqual(slowest)
  expect(perSecond).toBeLessThanOrEqual(done / 0.02)
})
