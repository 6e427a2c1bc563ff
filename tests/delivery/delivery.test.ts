import { describe, expect, it } from '@jest/globals'
import { missingServers } from '../failures/own-servers.ts'
import { checkDelivery } from './check-delivery.ts'
import { openEmbeddedTarget, openServersTarget, type Target } from './target.ts'
import { isKept } from './verdict.ts'

/** `npm run check:delivery` is the same, for longer. */
describe('what was acknowledged came once and in order, whatever died', () => {
  const check = async (open: () => Promise<Target>, seconds: number, seed: number) => {
    const target = await open()
    try {
      const { verdict, kills } = await checkDelivery({ target, seconds, seed })
      expect({ kept: isKept(verdict), ...verdict }).toMatchObject({ kept: true, examples: [] })
      expect(verdict.acknowledged).toBeGreaterThan(seconds)
      return kills
    } finally {
      await target.stop()
    }
  }

  it('on the embedded engine', async () => {
    expect(await check(openEmbeddedTarget, 15, 7)).toMatchObject({ process: expect.any(Number) })
  }, 180_000)

  const missing = missingServers()
  if (missing.length > 0) return void it.skip(`on real servers: needs ${missing.join(', ')}`, () => {})

  it('on real servers', async () => {
    expect(Object.keys(await check(openServersTarget, 45, 7)).length).toBeGreaterThan(2)
  }, 300_000)
})
