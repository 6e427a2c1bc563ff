import { describe, expect, it } from '@jest/globals'
import { needsNewKey, outlivedKeys, signingKeyAmong } from './key-schedule.ts'

const minute = 60_000
const day = 24 * 60 * minute
const now = new Date(1_000 * day)
const aged = (milliseconds: number) => ({ createdAt: new Date(now.getTime() - milliseconds) })

describe('key schedule', () => {
  it('makes a key when there is none, or the newest is older than 30 days', () => {
    expect(needsNewKey([], now)).toBe(true)
    expect(needsNewKey([aged(31 * day)], now)).toBe(true)
    expect(needsNewKey([aged(31 * day), aged(29 * day)], now)).toBe(false)
  })

  it('signs with the newest key that has been published for ten minutes', () => {
    const [old, fresh] = [aged(31 * day), aged(9 * minute)]
    expect(signingKeyAmong([old, fresh], now)).toBe(old)
    const ripe = aged(10 * minute)
    expect(signingKeyAmong([old, ripe, fresh], now)).toBe(ripe)
  })

  it('signs with the oldest key while none has been published for long', () => {
    const [first, second] = [aged(minute), aged(0)]
    expect(signingKeyAmong([first, second], now)).toBe(first)
    expect(signingKeyAmong([], now)).toBeUndefined()
  })

  it('keeps a key until no token of its can be alive', () => {
    const old = aged(31 * day)
    expect(outlivedKeys([old, aged(20 * minute)], now, 10 * minute)).toEqual([])
    expect(outlivedKeys([old, aged(23 * minute)], now, 10 * minute)).toEqual([old])
    expect(outlivedKeys([old], now, 10 * minute)).toEqual([])
  })
})
