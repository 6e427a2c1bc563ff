import { describe, expect, it } from '@jest/globals'
import { missingServers } from '../failures/own-servers.ts'
import { checkDelivery } from './check-delivery.ts'
import { isKept } from './report.ts'
import { openEmbeddedTarget } from './target/embedded-target.ts'
import { openServersTarget } from './target/servers-target.ts'
import type { Target } from './target/target.ts'

/** `npm run check:delivery` is the same, for longer. */
describe('what was acknowledged came once and in order, whatever died', () => {
  const check = async (open: () => Promise<Target>, seconds: number) => {
    const target = await open()
    try {
      // A machine that runs other tests meanwhile completes events late.
      const report = await checkDelivery({
        target,
        seconds,
        seed: 7,
        rooms: 2,
        rest: [100, 500],
        sendersMustCome: false,
      })
      expect({ kept: isKept(report), ...report }).toMatchObject({ kept: true, examples: [] })
      expect(report.acknowledged).toBeGreaterThan(seconds)
      return report.kills
    } finally {
      await target.stop()
    }
  }

  it('on the embedded engine', async () => {
    expect(await check(openEmbeddedTarget, 10)).toMatchObject({ process: expect.any(Object) })
  }, 180_000)

  const missing = missingServers()
  if (missing.length > 0) return void it.skip(`on real servers: needs ${missing.join(', ')}`, () => {})

  it('on real servers', async () => {
    expect(Object.keys(await check(openServersTarget, 15)).length).toBeGreaterThan(1)
  }, 300_000)
})
