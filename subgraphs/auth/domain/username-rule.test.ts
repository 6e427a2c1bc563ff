import { describe, expect, it } from '@jest/globals'
import { username } from './username-rule.ts'

describe('usernames', () => {
  it.each(['ada', '0x1', 'a_b.c-d', 'x'.repeat(50)])('may be %s', (text) => {
    expect(username.parse(text)).toBe(text)
  })

  it('are read in lower case', () => {
    expect(username.parse('Ada.LOVELACE')).toBe('ada.lovelace')
  })

  it.each([
    'ab',
    'x'.repeat(51),
    '_ada',
    'ada ',
    'ada\n',
    'a da',
    'jos\u00e9',
    'jose\u0301',
    '\u0430dmin',
    '\u212Aelvin',
    "' or 1=1 -- ",
    '\uD800abc',
    '',
  ])('may not be %j', (text) => {
    expect(username.safeParse(text).success).toBe(false)
  })
})
