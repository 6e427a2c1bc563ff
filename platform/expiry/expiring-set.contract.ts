import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ExpiringSet } from './expiring-set.ts'

/** What every `ExpiringSet` does. `open` gives an empty one. */
export function expiringSetContract(adapter: string, open: () => Promise<ExpiringSet>): void {
  describe(`expiring set on ${adapter}`, () => {
    let set: ExpiringSet
    beforeEach(async () => {
      set = await open()
    })
    afterEach(() => set.close())

    const eventuallyGone = async (member: string) => {
      const deadline = Date.now() + 10_000
      while ((await set.present([member])).size > 0) {
        if (Date.now() > deadline) throw new Error(`${member} is still there`)
        await new Promise(setImmediate)
      }
    }

    it('has what was added and nothing else', async () => {
      await set.add('a', 60)
      expect(await set.present(['a', 'b'])).toEqual(new Set(['a']))
    })

    it('answers an empty question', async () => {
      expect(await set.present([])).toEqual(new Set())
    })

    it('forgets a member after its time', async () => {
      await set.add('short', 1)
      await set.add('long', 60)
      expect(await set.present(['short'])).toEqual(new Set(['short']))
      await eventuallyGone('short')
      expect(await set.present(['short', 'long'])).toEqual(new Set(['long']))
    })

    it('never shortens the time of a member that is added again', async () => {
      await set.add('kept', 60)
      await set.add('kept', 1)
      await set.add('witness', 1)
      await eventuallyGone('witness')
      expect(await set.present(['kept'])).toEqual(new Set(['kept']))
    })

    it('takes many members at once', async () => {
      const members = Array.from({ length: 500 }, (_, index) => `m${index}`)
      await Promise.all(members.map((member) => set.add(member, 60)))
      expect((await set.present(members)).size).toBe(500)
    })
  })
}
