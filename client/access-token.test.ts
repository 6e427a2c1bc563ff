import { describe, expect, it } from '@jest/globals'
import { renewalDelay } from './access-token.ts'
import { tokenUntil } from './token.harness.ts'

const now = 1_800_000_000_000
const seconds = now / 1_000

describe('the time to renew an access token', () => {
  it.each([
    ['half a minute before its end', { iat: seconds, exp: seconds + 600 }, 570_000],
    ['halfway when it is short', { iat: seconds, exp: seconds + 10 }, 5_000],
    ['halfway of what is left when little is left', { iat: seconds - 580, exp: seconds + 20 }, 10_000],
    ['not in the same moment', { iat: seconds, exp: seconds + 1 }, 1_000],
    ['not too soon when the clock is fast', { iat: seconds - 7_200, exp: seconds - 6_600 }, 570_000],
    ['not too late when the clock is slow', { iat: seconds + 7_200, exp: seconds + 7_800 }, 570_000],
    ['by its end alone when it tells no more', { exp: seconds + 600 }, 570_000],
    ['at once when it is over, and tells no more', { exp: seconds - 600 }, 1_000],
    ['within a day', { exp: seconds + 1e9 }, 86_400_000],
    ['never when it has no end', { iat: seconds }, undefined],
    ['never when its end is none', { exp: 'tomorrow' }, undefined],
  ])('is %s', (_, claims, delay) => expect(renewalDelay(tokenUntil(claims), now)).toBe(delay))

  it.each(['opaque', '', 'a.b.c', '..', 'a.bnVsbA.c', `a.${btoa('[]')}.c`])('is never for %p', (token) =>
    expect(renewalDelay(token, now)).toBeUndefined(),
  )

  it('is read from any characters', () => {
    const token = tokenUntil({ iat: seconds, exp: seconds + 600, name: 'ÿþ>?~ööö' })
    expect(renewalDelay(token, now)).toBe(570_000)
  })
})
