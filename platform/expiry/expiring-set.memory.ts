import type { ExpiringSet } from './expiring-set.ts'

const sweepEvery = 10_000

/** An `ExpiringSet` within this process. */
export function createMemoryExpiringSet(now: () => number = () => performance.now()): ExpiringSet {
  const ends = new Map<string, number>()
  const sweep = setInterval(() => {
    for (const [member, end] of ends) if (end <= now()) ends.delete(member)
  }, sweepEvery).unref()
  return {
    async add(member, ttl) {
      ends.set(member, Math.max(ends.get(member) ?? 0, now() + ttl * 1000))
    },
    present: async (members) => new Set(members.filter((member) => (ends.get(member) ?? 0) > now())),
    async close() {
      clearInterval(sweep)
      ends.clear()
    },
  }
}
