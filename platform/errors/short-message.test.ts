import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { longestMessage, shortMessage } from './short-message.ts'

describe('a short message', () => {
  it('is the message, or its beginning and its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500, size: 'max' }), (message) => {
        const short = shortMessage(message)
        expect(short.length).toBeLessThanOrEqual(longestMessage)
        expect(short.isWellFormed()).toBe(true)
        if (message.length <= longestMessage) expect(short).toBe(message)
        else expect([message.startsWith(short.slice(0, 100)), message.endsWith(short.slice(-70))]).toEqual([true, true])
      }),
    )
  })

  it('keeps what is wrong and the rule', () => {
    const short = shortMessage(`Variable "$n" got invalid value "${'x'.repeat(50_000)}"; Int cannot represent it`)
    expect(short).toMatch(/^Variable "\$n" got invalid value "x+…x+"; Int cannot represent it$/)
  })
})
