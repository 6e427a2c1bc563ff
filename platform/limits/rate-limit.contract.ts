import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { RateLimit, RateRule } from './rate-limit.ts'

/** What every `RateLimit` does. `open` gives one that has counted nothing. */
export function rateLimitContract(adapter: string, open: () => Promise<RateLimit>): void {
  describe(`rate limit on ${adapter}`, () => {
    let limit: RateLimit
    let key: string
    beforeEach(async () => {
      limit = await open()
      key = randomUUID()
    })
    afterEach(() => limit.close())

    const minute = (calls: number): RateRule => ({ limit: calls, seconds: 60 })
    const takeMany = (calls: number, rule: RateRule) =>
      Promise.all(Array.from({ length: calls }, () => limit.take(key, rule)))
    const allowed = (answers: number[]) => answers.filter((seconds) => seconds === 0).length

    it('allows as many calls as the rule says, then says how long to wait', async () => {
      for (let call = 0; call < 3; call += 1) expect(await limit.take(key, minute(3))).toBe(0)
      const wait = await limit.take(key, minute(3))
      expect(Number.isInteger(wait)).toBe(true)
      expect(wait).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(60)
    })

    it('allows no more of concurrent calls', async () => {
      const answers = await takeMany(100, minute(10))
      expect(allowed(answers)).toBe(10)
      expect(answers.filter((seconds) => seconds >= 1)).toHaveLength(90)
    })

    it('counts several calls at once, and refuses them whole', async () => {
      expect(await limit.take(key, minute(10), 6)).toBe(0)
      expect(await limit.take(key, minute(10), 6)).toBeGreaterThan(0)
      expect(await limit.take(`${key}:other`, minute(10), 10)).toBe(0)
      expect(await limit.take(`${key}:more`, minute(10), 11)).toBeGreaterThan(0)
    })

    it('does not count what it refuses: what fits is allowed after it', async () => {
      expect(await limit.take(key, minute(10), 4)).toBe(0)
      for (let call = 0; call < 3; call += 1) expect(await limit.take(key, minute(10), 7)).toBeGreaterThan(0)
      expect(await limit.take(key, minute(10), 6)).toBe(0)
      expect(await limit.take(key, minute(10))).toBeGreaterThan(0)
    })

    it('allows what fits of concurrent calls, and no more', async () => {
      const answers = await Promise.all([6, 6, 6, 4].map((calls) => limit.take(key, minute(10), calls)))
      expect(allowed(answers)).toBe(2)
    })

    it('takes calls back, and never more than were counted', async () => {
      await limit.take(key, minute(10), 8)
      await limit.take(key, minute(10), -3)
      expect(await limit.take(key, minute(10), 5)).toBe(0)
      await limit.take(key, minute(10), -100)
      expect(await limit.take(key, minute(10), 11)).toBeGreaterThan(0)
      expect(await limit.take(key, minute(10), 10)).toBe(0)
    })

    it('counts each key apart', async () => {
      expect(await limit.take(key, minute(1))).toBe(0)
      expect(await limit.take(`${key}:other`, minute(1))).toBe(0)
      expect(await limit.take(key, minute(1))).toBeGreaterThan(0)
    })

    it('takes any text for a key', async () => {
      for (const odd of ['__proto__', 'a b\r\n', '🦊', '::1', `{${key}}*`]) {
        expect(await limit.take(odd + key, minute(1))).toBe(0)
        expect(await limit.take(odd + key, minute(1))).toBeGreaterThan(0)
      }
    })

    it('opens again by itself, however often a call was refused meanwhile', async () => {
      const rule = { limit: 2, seconds: 1 }
      expect(allowed(await takeMany(2, rule))).toBe(2)
      const deadline = Date.now() + 10_000
      let wait = await limit.take(key, rule)
      expect(wait).toBe(1)
      while (wait > 0) {
        if (Date.now() > deadline) throw new Error('the window never closed')
        await new Promise(setImmediate)
        wait = await limit.take(key, rule)
        expect(wait).toBeLessThanOrEqual(1)
      }
      // The new window has the whole limit; one call of it is spent.
      expect(await limit.take(key, rule)).toBe(0)
      expect(await limit.take(key, rule)).toBe(1)
    })

    it('never lengthens the wait of a key that keeps calling', async () => {
      await limit.take(key, { limit: 1, seconds: 3 })
      let last = 3
      const deadline = Date.now() + 10_000
      while (last > 0) {
        if (Date.now() > deadline) throw new Error('the window never closed')
        const wait = await limit.take(key, { limit: 1, seconds: 3 })
        expect(wait).toBeLessThanOrEqual(last)
        last = wait
        await new Promise(setImmediate)
      }
    })

    it('forgets a key that is reset, and no other', async () => {
      const other = `${key}:other`
      await limit.take(key, minute(1))
      await limit.take(other, minute(1))
      await limit.reset(key)
      expect(await limit.take(key, minute(1))).toBe(0)
      expect(await limit.take(other, minute(1))).toBeGreaterThan(0)
    })

    it('resets a key that it does not know', async () => {
      await limit.reset(key)
      expect(await limit.take(key, minute(1))).toBe(0)
    })

    it('closes twice', async () => {
      await limit.close()
      await limit.close()
    })
  })
}
