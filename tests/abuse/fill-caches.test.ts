import { expect, it } from '@jest/globals'
import { fillCaches } from './fill-caches.ts'

/** Fills a system whose heap is so large after each number of operations. Returns how many were sent, and the heap that was returned. */
async function fill(heapAfter: (operations: number) => number, { most = 8_000, stopAfter = Infinity } = {}) {
  let sent = 0
  const held = await fillCaches({
    heap: async () => heapAfter(sent),
    send: async (operations) => {
      sent += operations
    },
    most,
    say: () => {},
    isStopped: () => sent >= stopAfter,
  })
  return { sent, held }
}

it('goes on while caches fill slowly, each round by under a hundredth, and ends once they are full', async () => {
  const slowly = (operations: number) => 148e6 + Math.min(operations, 4_000) * 2_000
  const { sent, held } = await fill(slowly)
  expect(sent).toBeGreaterThanOrEqual(4_000)
  expect(sent).toBeLessThan(8_000)
  expect(held).toBe(156e6)
})

it('is not ended by one round that adds nothing', async () => {
  const { sent } = await fill((operations) => 100e6 + (operations === 1_000 ? 500 : operations) * 10_000)
  expect(sent).toBe(8_000)
})

it('sends no more than it may', async () => {
  expect((await fill((operations) => 1e6 * operations, { most: 720 })).sent).toBe(720)
})

it('ends after the round in which it is stopped', async () => {
  expect((await fill((operations) => 1e6 * operations, { stopAfter: 1_000 })).sent).toBe(1_000)
})
