import { beforeEach, describe, expect, it } from '@jest/globals'
import { unavailable } from '../errors/app-error.ts'
import { createMemoryBroadcast } from '../events/broadcast.memory.ts'
import type { Broadcast } from '../events/broadcast.ts'
import { createMemoryExpiringSet } from '../expiry/expiring-set.memory.ts'
import type { ExpiringSet } from '../expiry/expiring-set.ts'
import { createLogger } from '../logging/logger.ts'
import { createRevocationCheck, type RevocationCheck } from './revocation-check.ts'
import { createRevocations, onRevoked, type Revocations } from './revocations.ts'

const logger = createLogger('test', 'silent')
const away = { code: 'UNAVAILABLE' }

describe('revocations', () => {
  /** The blacklist's server: whether it is reached by auth, and by the others. */
  let reached: { byAuth: boolean; byOthers: boolean }
  let memory: ExpiringSet
  let broadcast: Broadcast
  /** What the store has; nobody can tell when it is undefined. */
  let stored: Set<string> | undefined
  let asked: number
  let time: number
  let revocations: Revocations
  let revoked: RevocationCheck

  const remembered = async () => {
    asked += 1
    if (!stored) throw unavailable('nobody can tell')
    return stored
  }
  const blacklistFor = (who: keyof typeof reached): ExpiringSet => {
    const ifReached = <T>(work: () => Promise<T>) => (reached[who] ? work() : Promise.reject(unavailable('away')))
    return {
      ...memory,
      add: (member, ttl) => ifReached(() => memory.add(member, ttl)),
      present: (members) => ifReached(() => memory.present(members)),
    }
  }
  /** As auth does it: the store first. */
  const revoke = async (id: string) => {
    stored?.add(id)
    await revocations.revoke([id])
  }
  const setReached = (is: boolean) => {
    reached.byAuth = is
    reached.byOthers = is
  }
  beforeEach(() => {
    reached = { byAuth: true, byOthers: true }
    memory = createMemoryExpiringSet()
    broadcast = createMemoryBroadcast(logger)
    stored = new Set(['old'])
    asked = 0
    time = 0
    const now = () => time
    revocations = createRevocations({
      blacklist: blacklistFor('byAuth'),
      broadcast,
      lifetime: 600,
      remembered,
      logger,
      now,
    })
    revoked = createRevocationCheck({ blacklist: blacklistFor('byOthers'), remembered, logger, now })
  })

  it('are announced', async () => {
    const { promise, resolve } = Promise.withResolvers<string[]>()
    await onRevoked(broadcast, resolve)
    await revocations.revoke(['one', 'two'])
    expect(await promise).toEqual(['one', 'two'])
  })

  it('are added and announced in batches, however many there are at once', async () => {
    let adding = 0
    let most = 0
    const { add } = memory
    memory.add = async (member, ttl) => {
      adding += 1
      most = Math.max(most, adding)
      await new Promise(setImmediate)
      adding -= 1
      return add(member, ttl)
    }
    const ids = Array.from({ length: 1_200 }, (_, index) => `session ${index}`)
    stored = new Set(ids)
    expect(await revocations.keepWhole()).toBe(false)
    const { promise, resolve } = Promise.withResolvers<void>()
    const announced: string[][] = []
    await onRevoked(broadcast, (some) => {
      announced.push(some)
      if (announced.flat().length === 1_200) resolve()
    })
    await revocations.revoke(ids)
    await promise
    expect(most).toBeLessThanOrEqual(500)
    expect((await memory.present(ids)).size).toBe(1_200)
    expect(announced.flat()).toEqual(ids)
  })

  it('are read from the blacklist once it was filled', async () => {
    expect(await revocations.keepWhole()).toBe(false)
    await revoke('new')
    asked = 0
    expect(await revoked(['old', 'new', 'other'])).toEqual(new Set(['old', 'new']))
    expect(asked).toBe(0)
  })

  it('are asked of their store while the blacklist was never filled: it may have lost what it knew', async () => {
    expect(await revoked(['old', 'other'])).toEqual(new Set(['old']))
    expect(asked).toBe(1)
  })

  it('are asked of their store while the blacklist is away, and for a minute after', async () => {
    await revocations.keepWhole()
    setReached(false)
    stored?.add('meanwhile')
    expect(await revoked(['meanwhile', 'other'])).toEqual(new Set(['meanwhile']))
    setReached(true)
    time = 59_000
    expect(await revoked(['meanwhile'])).toEqual(new Set(['meanwhile']))
    time = 61_000
    asked = 0
    expect(await revoked(['old'])).toEqual(new Set(['old']))
    expect(asked).toBe(0)
  })

  it('let nobody through when nobody can tell', async () => {
    setReached(false)
    stored = undefined
    await expect(revoked(['other'])).rejects.toMatchObject(away)
  })

  it('are not said to be done while the blacklist is away, and are added as soon as it is back', async () => {
    await revocations.keepWhole()
    setReached(false)
    await expect(revoke('meanwhile')).rejects.toMatchObject(away)
    expect(await revocations.keepWhole()).toBe(true)
    setReached(true)
    expect(await revocations.keepWhole()).toBe(false)
    // A process that has met no failure believes the blacklist at once.
    asked = 0
    expect(await revoked(['meanwhile'])).toEqual(new Set(['meanwhile']))
    expect(asked).toBe(0)
  })

  it('are filled in again once a minute, whatever became of the blacklist', async () => {
    await revocations.keepWhole()
    memory = createMemoryExpiringSet()
    revocations = createRevocations({
      blacklist: memory,
      broadcast,
      lifetime: 600,
      remembered,
      logger,
      now: () => time,
    })
    await revocations.keepWhole()
    asked = 0
    time = 59_000
    await revocations.keepWhole()
    expect(asked).toBe(0)
    time = 60_000
    stored?.add('lost')
    await revocations.keepWhole()
    expect(await memory.present(['lost'])).toEqual(new Set(['lost']))
  })
})
