import { beforeEach, describe, expect, it } from '@jest/globals'
import type { LogEvent } from '../../../platform/events/event-log.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import type { Account } from '../store/auth-store.ts'
import { createRelay, type Relay } from './relay.ts'

const now = new Date('2026-01-31T09:30:00.000Z')
const account = (name: string, secondsOld: number): Account => ({
  id: name,
  username: name,
  displayName: name.toUpperCase(),
  passwordHash: 'secret',
  passwordVersion: 1,
  createdAt: new Date(now.getTime() - secondsOld * 1000),
})

describe('relay of accounts', () => {
  let pending: Account[]
  let log: LogEvent[]
  let isAway: boolean
  let relay: Relay
  beforeEach(() => {
    pending = []
    log = []
    isAway = false
    relay = createRelay({
      store: {
        unannouncedAccounts: async (before, limit) =>
          pending.filter(({ createdAt }) => createdAt < before).slice(0, limit),
        markAnnounced: async (id) => {
          pending = pending.filter((left) => left.id !== id)
        },
      },
      eventLog: {
        append: async (_, events) => {
          if (isAway) throw new Error('away')
          log.push(...events)
        },
      },
      logger: createLogger('auth', 'silent'),
      now: () => now,
      batch: 2,
    })
  })

  it('publishes a new account and clears its mark', async () => {
    pending = [account('ada', 0)]
    await relay.announce(account('ada', 0))
    expect(pending).toEqual([])
    expect(log).toEqual([
      {
        key: 'ada',
        value: JSON.stringify({
          type: 'account-registered',
          userId: 'ada',
          username: 'ada',
          displayName: 'ADA',
          at: now.toISOString(),
        }),
      },
    ])
  })

  it('leaves an account marked that the event log does not take, and finishes it later', async () => {
    pending = [account('ada', 5)]
    isAway = true
    await relay.announce(account('ada', 5))
    await expect(relay.finish()).rejects.toThrow('away')
    expect(pending).toHaveLength(1)
    isAway = false
    await relay.finish()
    expect(pending).toEqual([])
    expect(log).toHaveLength(1)
  })

  it('finishes every account that was left behind, and none that is just being announced', async () => {
    pending = ['a', 'b', 'c', 'd', 'e'].map((name) => account(name, 5))
    pending.push(account('young', 1))
    await relay.finish()
    expect(log.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(pending.map(({ id }) => id)).toEqual(['young'])
  })
})
