import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { v7 } from 'uuid'
import { openSqliteProfileStore } from '../store/profile-store.sqlite.ts'
import type { ProfileStore } from '../store/profile-store.ts'
import { lookAgain, lookUp } from './look-up.ts'
import type { Profiles } from './profiles.ts'

let store: ProfileStore
let time: number
let pauses: number[]
let lookups: (readonly string[])[]
/** What happens during a pause, after which its time has passed. */
let meanwhile: () => Promise<unknown>
let hasRoom: boolean
let profiles: Profiles

beforeEach(() => {
  store = openSqliteProfileStore(':memory:')
  time = Date.parse('2026-01-02T03:04:05.678Z')
  jest.spyOn(performance, 'now').mockImplementation(() => time)
  pauses = []
  hasRoom = true
  lookups = []
  meanwhile = async () => {}
  profiles = {
    store: {
      ...store,
      byIds: (ids) => {
        lookups.push(ids)
        return store.byIds(ids)
      },
    },
    hears: () => true,
    arrivals: {
      announce: () => {},
      next: async () => {
        pauses.push(lookAgain)
        await meanwhile()
        time += lookAgain
        return hasRoom
      },
    },
    now: () => new Date(time),
  }
})
afterEach(async () => {
  jest.restoreAllMocks()
  await store.close()
})

const madeAgo = (milliseconds: number) => v7({ msecs: time - milliseconds })
const add = (id: string, username: string) => store.add({ id, username, displayName: username }, profiles.now())

it('looks once when all are there', async () => {
  const [ann, bob] = [madeAgo(0), madeAgo(0)]
  await add(ann, 'ann')
  await add(bob, 'bob')
  expect([...(await lookUp(profiles, [ann, bob])).keys()].sort()).toEqual([ann, bob].sort())
  expect(lookups).toEqual([[ann, bob]])
  expect(pauses).toEqual([])
})

it('does not wait for the profile of an old account', async () => {
  expect((await lookUp(profiles, [madeAgo(40_000)])).size).toBe(0)
  expect(pauses).toEqual([])
})

it('looks again for what is missing and new, and for nothing else', async () => {
  const [ann, late, old] = [madeAgo(0), madeAgo(0), madeAgo(60_000)]
  await add(ann, 'ann')
  meanwhile = () => add(late, 'late')
  const found = await lookUp(profiles, [ann, late, old])
  expect([...found.keys()].sort()).toEqual([ann, late].sort())
  expect(lookups).toEqual([[ann, late, old], [late]])
})

it('waits for an account that a clock half a minute away has made', async () => {
  for (const skew of [-29_000, 29_000]) {
    const id = madeAgo(skew)
    meanwhile = () => add(id, `skewed${skew}`)
    expect((await lookUp(profiles, [id])).get(id)).toMatchObject({ id })
  }
})

it('does not wait for a new account whose profile is known to be deleted', async () => {
  const [ann, old] = [madeAgo(0), madeAgo(60_000)]
  for (const [id, name] of [
    [ann, 'ann'],
    [old, 'old'],
  ] as const) {
    await add(id, name)
    await store.remove(id, profiles.now())
  }
  expect(await lookUp(profiles, [ann, old, madeAgo(60_000)])).toEqual(
    new Map([
      [ann, 'deleted'],
      [old, 'deleted'],
    ]),
  )
  expect(pauses).toEqual([])
})

it('gives up well before a gateway gives up on it', async () => {
  expect((await lookUp(profiles, [madeAgo(0)])).size).toBe(0)
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(700)
})

it('does not wait when too many wait', async () => {
  hasRoom = false
  expect((await lookUp(profiles, [madeAgo(0)])).size).toBe(0)
  expect(lookups).toHaveLength(1)
})
