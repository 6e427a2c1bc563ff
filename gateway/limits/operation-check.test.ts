import { beforeEach, describe, expect, it } from '@jest/globals'
import { defaultLimits } from '../config.ts'
import type { Limit } from './limit-count.ts'
import { createOperationCheck } from './operation-check.ts'

const limits = { ...defaultLimits, exclusiveMutations: ['login', 'register'] }
const countLimit = () => {}
const check = (query: string, more: { operationName?: string; variables?: Record<string, unknown> } = {}) =>
  createOperationCheck({ limits, development: false, countLimit })({ query, ...more })
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ')
const nested = (levels: number) => `{ ${'a { '.repeat(levels - 1)} a ${'} '.repeat(levels - 1)} }`

describe('the limits of an operation', () => {
  it('give the document and the operation that runs', () => {
    const { document, operation } = check('query A { a } query B { b }', { operationName: 'B' })
    expect(document.definitions).toHaveLength(2)
    expect(operation.name?.value).toBe('B')
  })

  it('refuse what is no text, no operation, or does not say which', () => {
    for (const query of ['', '  ', 7, null, undefined, ['{ a }'], { a: 1 }]) {
      expect(() => check(query as string)).toThrow('query: must be the text of an operation')
    }
    expect(() => check('fragment a on Query { a }')).toThrow('Name one operation')
    expect(() => check('query A { a } query B { b }')).toThrow('Name one operation')
    expect(() => check('query A { a }', { operationName: 'C' })).toThrow('Name one operation')
    expect(() => check('{ a ')).toThrow('Syntax Error')
  })

  it('refuse a document over the number of tokens, and thousands of braces, without a crash', () => {
    expect(() => check(`{ ${'a '.repeat(999)} }`)).toThrow(/token/i)
    expect(() => check('{ a '.repeat(6_000))).toThrow(/token/i)
    expect(() => check(`{ a ${'@b '.repeat(20_000)} }`)).toThrow(/token/i)
  })

  describe('of depth and fields', () => {
    it('allow the deepest and refuse one more, fragments spread out', () => {
      expect(() => check(nested(8))).not.toThrow()
      expect(() => check(nested(9))).toThrow('8 levels deep')
      expect(() => check(`{ a { ...f } } fragment f on A ${nested(7)}`)).not.toThrow()
      expect(() => check(`{ a { ... on B { ...f } } } fragment f on A ${nested(8)}`)).toThrow('8 levels deep')
    })

    it('allow the most fields and refuse one more', () => {
      expect(() => check(`{ ${'a '.repeat(400)} }`)).not.toThrow()
      expect(() => check(`{ ${'a '.repeat(401)} }`)).toThrow('at most 400 fields')
    })

    it('refuse fragments that circle', () => {
      expect(() => check('{ ...a } fragment a on Query { ...a }')).toThrow('circle')
      expect(() =>
        check('{ ...a } fragment a on Q { ...b } fragment b on Q { ... { ...c } } fragment c on Q { ...a }'),
      ).toThrow('circle')
      expect(() => check('{ a { ...a } } fragment a on A { a { ...a } }')).toThrow(/circle|deep/)
    })

    it('refuse fragments that multiply as soon as they are too many', () => {
      const bomb = (leaf: string) =>
        `{ ...f0 } ${times(40, (n) => `fragment f${n} on Q { ...f${n + 1} ...f${n + 1} }`)} fragment f40 on Q { ${leaf} }`
      expect(() => check(bomb('a'))).toThrow('at most 400 fields')
      expect(() => check(bomb('...missing'))).toThrow('at most 400 fields')
    })

    it('leave a fragment that is not there to validation', () => {
      expect(() => check('{ ...missing }')).not.toThrow()
    })
  })

  it('refuse too many aliases, wherever they stand', () => {
    const list = times(30, (n) => `a${n}: a(n: ${n})`)
    expect(() => check(`{ ${list} }`)).not.toThrow()
    expect(() => check(`{ ...f b: b } fragment f on Query { ${list} }`)).toThrow('at most 30 aliases')
  })

  it('count the aliases of a fragment wherever it is spread', () => {
    const spread = (count: number) => `{ ${times(count, (n) => `a${n} { ...f }`)} } fragment f on A { b: c d: e }`
    expect(() => check(spread(15))).not.toThrow()
    expect(() => check(spread(16))).toThrow('at most 30 aliases')
  })

  it('refuse a field without arguments that comes a third time in one object, however it is spread', () => {
    expect(() => check('{ a { b c: b } d { e: b f: b } }')).not.toThrow()
    expect(() => check('{ a { b b b b } }')).not.toThrow()
    expect(() => check('{ a { b c: b d: b } }')).toThrow('must select b at most 2 times')
    expect(() => check('{ a { b } a { c: b } a { d: b } }')).toThrow('must select b at most 2 times')
    expect(() => check('{ a { ...f c: b ... { d: b } } } fragment f on A { e: b }')).not.toThrow()
    expect(() =>
      check('{ a { ...f ...g ...h } } fragment f on A { c: b } fragment g on A { d: b } fragment h on A { e: b }'),
    ).toThrow('must select b at most 2 times')
  })

  it('hold for every operation of the document, not only for the one that runs', () => {
    expect(() => check(`query A { a } query B { b { ${times(500, () => 'c')} } }`, { operationName: 'A' })).toThrow(
      'at most 400 fields',
    )
  })

  it('refuse variables that are no object or nested too deep, however deep', () => {
    const nest = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect(() => check('{ a }', { variables: nest(32) })).not.toThrow()
    expect(() => check('{ a }', { variables: nest(33) })).toThrow('32 levels')
    expect(() =>
      check('{ a }', { variables: { list: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) } }),
    ).toThrow('32 levels')
    expect(() => check('{ a }', { variables: [] as never })).toThrow('variables: must be an object')
    expect(() => check('{ a }', { variables: 'a' as never })).toThrow('variables: must be an object')
  })

  it('refuse introspection in production only, under any alias and in any fragment', () => {
    const hidden = '{ ...f } fragment f on Query { ... { a: __schema { types { name } } } }'
    for (const query of [hidden, '{ __type(name: "A") { name } }']) {
      expect(() => check(query)).toThrow('introspection')
      expect(() => createOperationCheck({ limits, development: true, countLimit })({ query })).not.toThrow()
    }
    expect(() => check('{ __typename }')).not.toThrow()
  })

  describe('of exclusive mutations', () => {
    const refused = 'at most one of these mutations: login, register'

    it('allow one, beside any others', () => {
      expect(() => check('mutation { login { id } other { id } }')).not.toThrow()
      expect(() => check('mutation { ...f other } fragment f on Mutation { ... { login } }')).not.toThrow()
    })

    it('refuse two: aliased, mixed, in fragments, in nested ones, or one fragment spread twice', () => {
      for (const query of [
        'mutation { a: login b: login }',
        'mutation { login register }',
        'mutation { login ... { ... on Mutation { a: login } } }',
        'mutation { ...f ...g } fragment f on Mutation { a: login } fragment g on Mutation { ...h } fragment h on Mutation { b: login }',
        'mutation { ...f ... { ...f } } fragment f on Mutation { login }',
        'mutation ($on: Boolean!) { a: login @include(if: $on) b: login @skip(if: $on) }',
      ]) {
        expect(() => check(query)).toThrow(refused)
      }
    })

    it('do not count fields of the same name deeper down, other operations, or fragments that are not spread at the root', () => {
      for (const query of [
        'mutation { login { login register { login } } }',
        'mutation { login { ...f } } fragment f on User { login register }',
        'mutation { login } fragment f on Mutation { login }',
        'query { login register }',
        'mutation { other: rename register: rename }',
      ]) {
        expect(() => check(query)).not.toThrow()
      }
      const two = 'mutation A { login } mutation B { login }'
      expect(() => check(two, { operationName: 'A' })).not.toThrow()
    })
  })

  describe('of one text after the other', () => {
    let counted: Limit[]
    const checkEach = createOperationCheck({
      limits: { ...limits, maxNodes: 50 },
      development: false,
      countLimit: (limit) => void counted.push(limit),
    })
    const pages = 'query A($n: Int!) { a(first: $n) { edges { b } } } query B { b }'
    beforeEach(() => {
      counted = []
    })

    it('share a document, though each has its own operation and its own variables', () => {
      const [one, same] = [40, 50].map((n) => checkEach({ query: pages, operationName: 'A', variables: { n } }))
      expect(same?.document).toBe(one?.document)
      expect(checkEach({ query: pages, operationName: 'B' }).operation.name?.value).toBe('B')
      expect(() => checkEach({ query: pages, operationName: 'A', variables: { n: 51 } })).toThrow('at most 50 nodes')
      expect(counted).toEqual(['operation'])
    })

    it('refuse the same text as often as it comes', () => {
      for (let time = 0; time < 2; time += 1) expect(() => checkEach({ query: nested(9) })).toThrow('8 levels deep')
      expect(() => checkEach({ query: '{ a ' })).toThrow('Syntax Error')
      expect(counted).toEqual(['operation', 'operation'])
    })
  })
})
