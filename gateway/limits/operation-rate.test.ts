import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { basePoints } from './cost/measure-operation.ts'
import { createOperationRate, type OperationRate } from './operation-rate.ts'

const ann = { userId: 'ann', clientIp: '192.0.2.1' }
const ben = { userId: 'ben', clientIp: '192.0.2.1' }

describe('the budgets of operations', () => {
  let rate: OperationRate
  const create = (pointsPerMinute: { ofUser: number; ofAddress: number }) => {
    rate = createOperationRate({ rateLimit: createMemoryRateLimit(), pointsPerMinute, countLimit: () => {} })
  }
  beforeEach(() => create({ ofUser: 1_000, ofAddress: 10_000 }))

  it('keep what is left from an operation that does not fit: smaller ones are admitted still', async () => {
    await rate.take(ann, 700)
    const refusal = { code: 'TOO_MANY_REQUESTS', details: { limit: 'points_per_minute', asked: 800, allowed: 1_000 } }
    await expect(rate.take(ann, 800)).rejects.toMatchObject(refusal)
    expect(() => rate.refuseSpent(ann)).not.toThrow()
    // The refusal has cost the base.
    await expect(rate.take(ann, 251)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    await rate.take(ann, 200)
  })

  it('of a user pay only the base when the address is what has not enough', async () => {
    create({ ofUser: 1_000, ofAddress: 1_200 })
    await rate.take(ben, 600)
    await expect(rate.take(ann, 700)).rejects.toMatchObject({ details: { allowed: 1_200 } })
    const elsewhere = { ...ann, clientIp: '198.51.100.1' }
    await rate.take(elsewhere, 1_000 - basePoints)
  })

  it('that cannot pay the base are spent, and the others of the address are not', async () => {
    await rate.take(ann, 990)
    await expect(rate.take(ann, 500)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(() => rate.refuseSpent(ann)).toThrow(
      `points_per_minute: at most 1000 points in a minute; this asks ${basePoints}, and fewer are left. Try again in `,
    )
    expect(() => rate.refuseSpent(ben)).not.toThrow()
    expect(() => rate.refuseSpent({ clientIp: ann.clientIp })).not.toThrow()
  })

  it('admit exactly what fits, after any refusals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: basePoints, max: 1_200 }), { maxLength: 20 }), async (asked) => {
        create({ ofUser: 1_000, ofAddress: 100_000 })
        let left = 1_000
        for (const points of asked) {
          const isAdmitted = await rate.take(ann, points).then(
            () => true,
            () => false,
          )
          expect(isAdmitted).toBe(points <= left)
          const price = isAdmitted ? points : basePoints
          if (price <= left) left -= price
        }
      }),
    )
  })
})
