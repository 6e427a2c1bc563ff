import { describe, expect, it } from '@jest/globals'
import { v4, v7 } from 'uuid'
import { isNew, madeAt } from './user-id.ts'

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

  it('is new for ten seconds', () => {
    expect(isNew(madeAgo(9_999), now)).toBe(true)
    expect(isNew(madeAgo(10_000), now)).toBe(false)
  })

  it('is new when its maker’s clock is a little ahead, not when it comes from another time', () => {
    expect(isNew(madeAgo(-9_999), now)).toBe(true)
    expect(isNew(madeAgo(-3_600_000), now)).toBe(false)
  })
})
