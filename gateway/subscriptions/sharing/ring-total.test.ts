import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createFrameRing } from './frames.ts'
import { createRingTotal } from './ring-total.ts'

const maxBytes = 20_000

/** A ring with a listener that has had so many frames of it, and goes on by itself when it must. */
function createTotalled(total: ReturnType<typeof createRingTotal>) {
  const ring = createFrameRing('start', { maxFrames: 1_000, maxBytes: 1_000_000 })
  let had: number | undefined
  const share = total.enter({
    weight: ring.weight,
    dropTo(weight, keepsOwed) {
      const before = ring.oldest()
      const stop = keepsOwed ? (had ?? ring.head()) : ring.head()
      while (ring.oldest() < stop && ring.weight() > weight) ring.dropOldest()
      if (had !== undefined && had < ring.oldest()) had = undefined
      return ring.oldest() - before
    },
  })
  return {
    ring,
    share,
    waits: () => had !== undefined,
    stall() {
      had ??= ring.head()
    },
    push(size: number) {
      ring.push({ cursor: null, payload: Buffer.alloc(size), remove: [] })
      share.holds(ring.weight())
    },
  }
}

it('keeps all rings together within the total, and what is owed as long as that alone fits', () => {
  const step = fc.record({ ring: fc.nat(4), size: fc.nat(1_500), stalls: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const total = createRingTotal(maxBytes)
      const rings = Array.from({ length: 5 }, () => createTotalled(total))
      let owedBytes = 0
      for (const { ring: index, size, stalls } of steps) {
        const each = rings[index]
        if (stalls && owedBytes === 0) each?.stall()
        each?.push(size)
        if (rings.some(({ waits }) => waits())) owedBytes += each?.waits() ? size + 500 : 0
        if (owedBytes > 0 && owedBytes <= maxBytes * 0.9) expect(rings.some(({ waits }) => waits())).toBe(true)
        const sum = rings.reduce((bytes, { ring }) => bytes + ring.weight(), 0)
        expect(total.weight()).toBe(sum)
        expect(sum).toBeLessThanOrEqual(maxBytes)
      }
      for (const { share } of rings) share.leave()
      expect(total.weight()).toBe(0)
    }),
  )
})

it('takes from the largest', () => {
  const total = createRingTotal(maxBytes)
  const [small, large] = [createTotalled(total), createTotalled(total)]
  for (let count = 0; count < 3; count += 1) small.push(500)
  for (let count = 0; count < 40; count += 1) large.push(500)
  expect(small.ring.oldest()).toBe(0)
  expect(large.ring.oldest()).toBeGreaterThan(0)
  expect(large.ring.weight()).toBeGreaterThan(small.ring.weight())
})
