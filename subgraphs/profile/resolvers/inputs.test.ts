import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.ts'
import { parseAppearance, parseNewAppearance, parsePreferences, parseUserPage } from './inputs.ts'
import { toCursor } from './user-cursor.ts'

/** The field that is refused; undefined when nothing is. */
function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') throw error
    return error.details.field
  }
}

describe('an appearance', () => {
  it('has only the fields that were given', () => {
    expect(parseAppearance({})).toEqual({})
    expect(parseAppearance({ avatarUrl: null, statusMessage: null })).toEqual({ avatarUrl: null, statusMessage: null })
    expect(parseNewAppearance({ displayName: 'Ann' })).toEqual({
      displayName: 'Ann',
      avatarUrl: null,
      statusMessage: null,
    })
  })

  it.each([null, '', ' ', 'x'.repeat(101), 'a\u0000b', 'a\nb', 'a\u202eb', '\ud800'])(
    'cannot have the display name %j',
    (displayName) => {
      expect(refusal(() => parseAppearance({ displayName }))).toBe('displayName')
    },
  )

  it('keeps names as text, trimmed and in NFC', () => {
    expect(parseAppearance({ displayName: ' Zoe\u0308 <script> ' })).toEqual({ displayName: 'Zo\u00eb <script>' })
    expect(parseAppearance({ displayName: '🦊'.repeat(100) }).displayName).toHaveLength(200)
  })

  it.each([
    'http://a.test/x.png',
    'javascript:alert(1)',
    'data:image/png;base64,AA==',
    '//a.test/x.png',
    'https://user:secret@a.test/',
    'https://user@a.test/',
    'https://',
    'not a url',
    '',
    'https://a.test/\nx',
    `https://a.test/${'x'.repeat(241)}`,
    `https://a.test/${'é'.repeat(100)}`,
  ])('cannot have the avatar URL %j', (avatarUrl) => {
    expect(refusal(() => parseAppearance({ avatarUrl }))).toBe('avatarUrl')
  })

  it('has avatar URLs as the URL standard writes them, up to 255 characters', () => {
    expect(parseAppearance({ avatarUrl: 'HTTPS:A.test\\x"y' })).toEqual({ avatarUrl: 'https://a.test/x%22y' })
    const longest = `https://a.test/${'x'.repeat(240)}`
    expect(parseAppearance({ avatarUrl: longest })).toEqual({ avatarUrl: longest })
  })

  it('has status messages of up to 255 characters; an empty one is none', () => {
    expect(parseAppearance({ statusMessage: ' ' })).toEqual({ statusMessage: null })
    expect(parseAppearance({ statusMessage: 'x'.repeat(255) }).statusMessage).toHaveLength(255)
    expect(refusal(() => parseAppearance({ statusMessage: 'x'.repeat(256) }))).toBe('statusMessage')
  })
})

describe('preferences', () => {
  it('take language tags in their canonical form', () => {
    expect(parsePreferences({ locale: 'pt-br' })).toEqual({ locale: 'pt-BR' })
    expect(parsePreferences({ theme: 'DARK', notifications: false })).toEqual({ theme: 'DARK', notifications: false })
  })

  it.each(['englishlanguage', 'e', 'en_US', '', null, 'a-'.repeat(20), 'en\u0000'])(
    'refuse the locale %j',
    (locale) => {
      expect(refusal(() => parsePreferences({ locale }))).toBe('locale')
    },
  )

  it('cannot be cleared', () => {
    expect(refusal(() => parsePreferences({ theme: null }))).toBe('theme')
    expect(refusal(() => parsePreferences({ notifications: null }))).toBe('notifications')
    expect(refusal(() => parsePreferences({ readReceipts: null }))).toBe('readReceipts')
  })
})

describe('a page of users', () => {
  it('has 20 of all users when nothing is asked', () => {
    expect(parseUserPage({})).toEqual({ limit: 20 })
    expect(parseUserPage({ search: ' ', first: null, after: null })).toEqual({ limit: 20 })
  })

  it('takes the cursors it gives, of any username', () => {
    for (const username of ['ann', 'Zoë', '🦊', 'a:b']) {
      expect(parseUserPage({ after: toCursor({ username }) }).after).toBe(username)
    }
  })

  it.each(['', 'ann', 'x'.repeat(10_000), `${toCursor({ username: 'ann' })}=`, toCursor({ username: '' }), '🦊'])(
    'refuses the cursor %j',
    (after) => {
      expect(refusal(() => parseUserPage({ after }))).toBe('after')
    },
  )

  it('has 1 to 100', () => {
    expect(parseUserPage({ first: 100 }).limit).toBe(100)
    for (const first of [0, 101, -1, 100_000]) expect(refusal(() => parseUserPage({ first }))).toBe('first')
  })

  it('refuses a search of control characters or over 100 characters', () => {
    expect(refusal(() => parseUserPage({ search: 'a\u0000' }))).toBe('search')
    expect(refusal(() => parseUserPage({ search: 'x'.repeat(101) }))).toBe('search')
  })
})
