import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { v7 } from 'uuid'
import type { EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import { readEvents } from '../../../platform/events/event-log-dead-letters.ts'
import { accountsTopic } from '../../../schema/events.ts'
import { createArrivals } from '../domain/arrivals.ts'
import type { Profiles } from '../domain/profiles.ts'
import { openSqliteProfileStore } from '../store/profile-store.sqlite.ts'
import { consumeAccounts } from './account-registered.ts'

const now = new Date('2026-01-02T03:04:05.000Z')
let profiles: Profiles
let consumed: { topic: string; group: string }
/** Gives events to the consumer, as an event log does: those that it cannot parse are not handed over. Gives their reasons. */
let giveEvents: (events: LogEvent[]) => Promise<string[]>
let errors: { details: unknown; message: string }[]

beforeEach(async () => {
  profiles = {
    store: openSqliteProfileStore(':memory:'),
    arrivals: createArrivals(2 ** 31 - 1),
    hears: () => true,
    now: () => now,
  }
  errors = []
  const eventLog: EventLog = {
    append: async () => {},
    consume: async ({ topic, group, parse, handle }) => {
      consumed = { topic, group }
      giveEvents = async (events) => {
        const { understood, dead } = readEvents(events, { group, parse })
        await handle(understood)
        return dead.map(({ reason }) => reason)
      }
      return { works: () => true, close: async () => {} }
    },
    close: async () => {},
  }
  const quiet = () => {}
  const logger = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (details: unknown, message?: string) => errors.push({ details, message: String(message) }),
  }
  await consumeAccounts({ eventLog, profiles, logger })
})
afterEach(() => profiles.store.close())

const registered = (userId: string, username: string) => ({
  type: 'account-registered',
  userId,
  username,
  displayName: username,
  at: now.toISOString(),
})
const give = (...values: unknown[]) =>
  giveEvents(values.map((value) => ({ key: 'k', value: typeof value === 'string' ? value : JSON.stringify(value) })))
const usernames = async () => (await profiles.store.list({ limit: 100 })).map(({ username }) => username)

it('follows the accounts as the group "profile"', () => {
  expect(consumed).toEqual({ topic: accountsTopic, group: 'profile' })
})

it('makes a profile for each account, dated by its event', async () => {
  const ann = v7()
  await give(registered(ann, 'ann'), registered(v7(), 'bob'))
  expect(await usernames()).toEqual(['ann', 'bob'])
  expect(await profiles.store.byIds([ann])).toMatchObject([{ displayName: 'ann', createdAt: now }])
})

it('wakes who waits for a profile', async () => {
  const woken = profiles.arrivals.next()
  await give(registered(v7(), 'ann'))
  await woken
})

it('does nothing when an event comes again, also after the profile was deleted', async () => {
  const ann = v7()
  await give(registered(ann, 'ann'), registered(ann, 'ann'))
  await give(registered(ann, 'ann'))
  expect(await usernames()).toEqual(['ann'])
  await profiles.store.remove(ann, now)
  await give(registered(ann, 'ann'))
  expect(await usernames()).toEqual([])
  expect(errors).toEqual([])
})

it('ignores what else happens to accounts', async () => {
  expect(await give({ type: 'account-renamed', userId: v7() }, registered(v7(), 'ann'))).toEqual([])
  expect(await usernames()).toEqual(['ann'])
  expect(errors).toEqual([])
})

it('cannot read, each for its own reason, what is no account event', async () => {
  const unreadable = [
    'not JSON',
    'null',
    '{}',
    { ...registered(v7(), 'x'), userId: 'x' },
    { type: 'account-registered' },
  ]
  const reasons = await give(...unreadable, registered(v7(), 'ann'))
  expect(await usernames()).toEqual(['ann'])
  expect(reasons).toEqual([
    expect.stringContaining('not valid JSON'),
    expect.stringContaining('expected object'),
    expect.stringContaining('"type"'),
    expect.stringContaining('"userId"'),
    expect.stringContaining('"userId"'),
  ])
})

it('logs and skips an account whose username is taken', async () => {
  const late = v7()
  await give(registered(v7(), 'ann'), registered(late, 'Ann'), registered(v7(), 'bob'))
  expect(await usernames()).toEqual(['ann', 'bob'])
  expect(errors).toMatchObject([{ details: { userId: late } }])
})

it('asks for the events again when the store fails', async () => {
  await profiles.store.close()
  await expect(give(registered(v7(), 'ann'))).rejects.toThrow()
})
