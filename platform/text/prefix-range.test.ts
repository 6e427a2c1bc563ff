import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { endOfPrefix } from './prefix-range.ts'

const bytes = (text: string) => Buffer.from(text)
/** Around every border: ASCII, the surrogates' gap, the planes, the last code point. */
const atBorders = fc.constantFrom('a', 'z', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}')
const text = fc
  .array(fc.oneof(atBorders, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })))
  .map((parts) => parts.join(''))

describe('the range of a prefix', () => {
  it('holds exactly the texts that start with it', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prefix, other, isContinued) => {
        const candidate = isContinued ? prefix + other : other
        const end = endOfPrefix(prefix)
        const isInRange =
          bytes(candidate).compare(bytes(prefix)) >= 0 &&
          (end === undefined || bytes(candidate).compare(bytes(end)) < 0)
        expect(isInRange).toBe(candidate.startsWith(prefix))
        expect(end?.isWellFormed() ?? true).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('has no end where nothing comes after it', () => {
    expect(endOfPrefix('')).toBeUndefined()
    expect(endOfPrefix('\u{10ffff}\u{10ffff}')).toBeUndefined()
    expect(endOfPrefix('a\u{10ffff}')).toBe('b')
    expect(endOfPrefix('\ud7ff')).toBe('\ue000')
  })
})
