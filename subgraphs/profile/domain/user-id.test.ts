import { describe, expect, it } from '@jest/globals'
import { v4, v7 } from 'uuid'
import { isNew, madeAt, mayStillArrive } from './user-id.ts'

const now = new Date('2026-01-02T03:04:05.678Z')
const madeAgo = (milliseconds: number) => v7({ msecs: now.getTime() - milliseconds })

describe('a user id', () => {
  it('tells when its account was made, to the millisecond', () => {
    expect(madeAt(madeAgo(0))).toEqual(now)
    expect(madeAt(madeAgo(0).toUpperCase())).toEqual(now)
  })

  it('tells nothing when it is not a UUIDv7', () => {
    for (const id of [v4(), '', 'ann', `${v7()}x`]) expect(madeAt(id)).toEqual(new Date(0))
  })

  it('is new for ten seconds, and for half a minute more in case its maker’s clock is behind', () => {
    expect(isNew(madeAgo(39_999), now)).toBe(true)
    expect(isNew(madeAgo(40_000), now)).toBe(false)
  })

  it('is new when its maker’s clock is half a minute ahead, not when it comes from another time', () => {
    expect(isNew(madeAgo(-29_999), now)).toBe(true)
    expect(isNew(madeAgo(-30_001), now)).toBe(false)
  })

  it('may have a profile on its way for a day; one from another time has none', () => {
    for (const age of [-29_999, 0, 60_000, 86_400_000]) expect(mayStillArrive(madeAgo(age), now)).toBe(true)
    for (const age of [-30_001, 86_430_000]) expect(mayStillArrive(madeAgo(age), now)).toBe(false)
    for (const id of [v4(), '', 'ann']) expect(mayStillArrive(id, now)).toBe(false)
  })
})
