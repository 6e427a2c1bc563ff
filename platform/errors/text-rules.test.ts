import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { AppError } from './app-error.ts'
import { parseInput } from './parse-input.ts'
import { lineOfText, pageSize, uuid } from './text-rules.ts'

const name = lineOfText(1, 10)
/** What the rule says against the value; undefined when it has nothing against it. */
const objection = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message

describe('a line of text', () => {
  it('is trimmed and in NFC', () => {
    expect(name.parse('  Zoe\u0308 ')).toBe('Zo\u00eb')
  })

  it('is counted in characters, after trimming and normalising', () => {
    expect(name.parse(` ${'🦊'.repeat(10)} `)).toBe('🦊'.repeat(10))
    expect(name.parse('e\u0308'.repeat(10))).toBe('ë'.repeat(10))
    expect(objection(name, '🦊'.repeat(11))).toBe('must have at most 10 characters')
    expect(objection(name, ' \u2003 ')).toBe('must have at least 1 character')
    expect(lineOfText(0, 1).parse('')).toBe('')
  })

  it.each(['a\u0000b', 'a\u001bb', 'a\u007fb', 'a\u0085b', 'a\nb', 'a\tb', 'a\u202eb', 'a\u2066b'])(
    'has no control characters: %j',
    (text) => {
      expect(objection(name, text)).toBe('must not contain control characters')
    },
  )

  it.each(['\ud800', 'a\udc00', '\udc00\ud800'])('is well-formed: %j', (text) => {
    expect(objection(name, text)).toBe('must be well-formed Unicode')
  })

  it.each([null, undefined, 1, {}, ['a'], { $ne: null }])('is text, not %j', (value) => {
    expect(objection(name, value)).toBe('must be text')
  })

  it('is kept as it is otherwise, whatever it looks like', () => {
    const attack = `<script>'";--%_\\`
    expect(lineOfText(1, 100).parse(attack)).toBe(attack)
  })
})

describe('an id', () => {
  it('is a UUID in lower case', () => {
    expect(uuid.parse('0190A0A0-0000-7000-8000-00000000000F')).toBe('0190a0a0-0000-7000-8000-00000000000f')
  })

  it.each([
    '',
    'x',
    '0190a0a0-0000-7000-8000-00000000000',
    '0190a0a0-0000-7000-8000-00000000000f\n',
    '0190a0a000007000800000000000000f',
    '../0190a0a0-0000-7000-8000-00000000000f',
    { $ne: null },
    null,
  ])('is not %j', (value) => {
    expect(objection(uuid, value)).toBe('must be a UUID')
  })
})

describe('a page size', () => {
  it('is 1 to 100', () => {
    for (const size of [1, 100]) expect(pageSize.parse(size)).toBe(size)
    for (const size of [0, 101, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null]) {
      expect(objection(pageSize, size)).toBeDefined()
    }
  })
})

describe('parsing input', () => {
  const refusal = (value: unknown, root?: string) => {
    try {
      parseInput(z.object({ profile: z.object({ name }) }), value, root)
    } catch (error) {
      return error
    }
    return undefined
  }

  it('gives the value as the schema has it', () => {
    expect(parseInput(name, ' Ann ')).toBe('Ann')
  })

  it('names the field and the rule', () => {
    const error = refusal({ profile: { name: '' } })
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'profile.name: must have at least 1 character',
      details: { field: 'profile.name' },
    })
  })

  it('names the argument when the value as a whole is wrong', () => {
    expect(refusal(null, 'search')).toMatchObject({ details: { field: 'search' } })
    expect(refusal(null)).toMatchObject({ details: { field: 'input' } })
  })
})
