import { describe, expect, it } from '@jest/globals'
import { isHashable, newPassword } from './password-rules.ts'

const refusal = (password: unknown) => newPassword.safeParse(password).error?.issues[0]?.message

describe('password rules', () => {
  it.each([
    ['a lone surrogate', 'long enough \uD800', 'must be well-formed Unicode'],
    ['7 characters', 'aB3$xyz', 'must have at least 8 characters'],
    ['7 characters of 2 code units', '🦀'.repeat(7), 'must have at least 8 characters'],
    ['73 bytes', 'x'.repeat(73), 'must have at most 72 bytes (UTF-8)'],
    ['74 bytes of 37 characters', 'ü'.repeat(37), 'must have at most 72 bytes (UTF-8)'],
    ['a common password', 'password123', 'is one of the most common passwords'],
    ['a common password in another case', 'ILoveYou', 'is one of the most common passwords'],
    ['a number', 12345678, 'must be text'],
  ])('refuses %s, each with its own message', (_, password, message) => {
    expect(refusal(password)).toBe(message)
  })

  it.each(['aB3$xyz9', 'x'.repeat(72), 'ü'.repeat(36), '🦀'.repeat(8), 'with a space', '\u0000binary\u0001'])(
    'takes %j as it is',
    (password) => {
      expect(newPassword.parse(password)).toBe(password)
    },
  )

  it('normalises a password before it measures it', () => {
    expect(newPassword.parse('cafe\u0301\u00a0\u3000noir')).toBe('caf\u00e9  noir')
    // 72 bytes once they are composed, 108 as they are typed.
    expect(newPassword.parse('e\u0301'.repeat(36))).toBe('\u00e9'.repeat(36))
    expect(refusal('e\u0301'.repeat(37))).toBe('must have at most 72 bytes (UTF-8)')
    expect(refusal('e\u0301'.repeat(7))).toBe('must have at least 8 characters')
    // NFC makes the Kelvin sign a K.
    expect(refusal('\u212aimberly')).toBe(refusal('Kimberly'))
  })

  it.each(['ＡＢＣＤ１２３４', 'ﬁrst word', 'Ⅷ is eight', 'CaSe stays'])(
    'maps neither case nor width: %s',
    (password) => {
      expect(newPassword.parse(password)).toBe(password)
    },
  )

  it('knows which passwords bcrypt cannot tell from others', () => {
    expect(isHashable('')).toBe(true)
    expect(isHashable('x'.repeat(72))).toBe(true)
    expect(isHashable('x'.repeat(73))).toBe(false)
    expect(isHashable('\uDC00')).toBe(false)
  })
})
