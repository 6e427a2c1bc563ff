import { describe, expect, it } from '@jest/globals'
import { GraphQLError, parse, print } from 'graphql'
import { withOwnAliases } from './own-aliases.ts'

const reserved = new Set(['id'])
const aliasesOf = (query: string, operationName?: string) => withOwnAliases(parse(query), operationName, reserved)
const printed = (query: string) => {
  const aliases = aliasesOf(query)
  if (!aliases) return undefined
  // With its fragments spread out again.
  const [operation = '', ...fragments] = aliases.document.definitions.map((each) => print(each).replace(/\s+/g, ' '))
  const bodies = fragments.map((fragment) => fragment.replace(/^fragment \w+/, '...'))
  const inline = (text: string): string => text.replace(/\.\.\.F(\d+)/g, (_, n) => inline(bodies[Number(n) - 1] ?? ''))
  return inline(operation)
}

describe('a document keeps its names when each of them means one field at each path', () => {
  it.each([
    ['without aliases', '{ a { b } c(x: 1) }'],
    ['with the same field twice', '{ ... on A { n: a(x: 1, y: $v) { b } } ... on B { n: a(y: $v, x: 1) { c } } }'],
    ['with one name at different paths', '{ a { n: b } c { n: d } }'],
    ['with keys under their own names', '{ id __typename a { id } }'],
    ['with introspection', '{ s: __schema { t: types { n: name } } __type(name: "A") { n: kind } }'],
  ])('%s', (_, query) => expect(aliasesOf(query)).toBeUndefined())

  it('when there is nothing to run', () => expect(aliasesOf('query A { a } query B { b }', 'C')).toBeUndefined())
})

describe('a field gets an alias of its own', () => {
  it.each([
    ['beside another field', '{ ... on A { n: a } ... on B { n: b } }', '{ ... on A { n: a } ... on B { n_1: b } }'],
    [
      'beside other arguments',
      '{ ... on A { n: a(x: 1) } ... on B { n: a } }',
      '{ ... on A { n: a(x: 1) } ... on B { n_1: a } }',
    ],
    [
      'deep under a name that is shared',
      '{ ... on A { m { s { n: a } } } ... on B { m { s { n: b } } } }',
      '{ ... on A { m { s { n: a } } } ... on B { m { s { n_1: b } } } }',
    ],
    [
      'in a fragment, by where that stands',
      '{ ... on A { m { ...F } } ... on B { m { n: b } } k { ...F } } fragment F on M { n: a }',
      '{ ... on A { m { ... on M { n: a } } } ... on B { m { n_1: b } } k { ... on M { n: a } } }',
    ],
    ['under a name that keys have', '{ id: a m { id(x: 1) } }', '{ id_1: a m { id_2: id(x: 1) } }'],
    ['under a name that is not for aliases', '{ __typename: a _n: __typename }', '{ typename_1: a _n: __typename }'],
    [
      'that no other field has',
      '{ ... on A { n: a n_1: c } ... on B { n: b } }',
      '{ ... on A { n: a n_1: c } ... on B { n_2: b } }',
    ],
  ])('%s', (_, query, expected) => expect(printed(query)).toBe(expected))
})

describe('the result has the names that the client chose', () => {
  const { restore } = aliasesOf(
    '{ list { ... on A { m { n: a } } ... on B { n: x m { n: b k: c } __proto__: d } } }',
  ) ?? { restore: () => expect(undefined).toBeDefined() as never }

  it('in the order of the fields, in lists and nulls, and nowhere else', () => {
    const data = { list: [[{ n: 1, m: { n_1: 2, k: { n_1: 'a value' } } }], null, { m: null }, { m: { n: 3 } }] }
    expect(JSON.stringify(restore({ data }).data)).toBe(
      '{"list":[[{"n":1,"m":{"n":2,"k":{"n_1":"a value"}}}],null,{"m":null},{"m":{"n":3}}]}',
    )
  })

  it('with any name as a name like any other', () => {
    const data = { list: [JSON.parse('{"__proto__":{"x":1},"m":{"n_1":2}}')] }
    expect(JSON.stringify(restore({ data }).data)).toBe('{"list":[{"__proto__":{"x":1},"m":{"n":2}}]}')
  })

  it('in the paths of errors, which stay what they are otherwise', () => {
    const cause = new Error('why')
    const options = { path: ['list', 0, 'm', 'n_1'], extensions: { code: 'UNAVAILABLE' }, originalError: cause }
    const [error, other] = restore({ errors: [new GraphQLError('no', options), new GraphQLError('else')] }).errors ?? []
    expect(error?.toJSON()).toEqual({ message: 'no', path: ['list', 0, 'm', 'n'], extensions: { code: 'UNAVAILABLE' } })
    expect(error?.originalError).toBe(cause)
    expect(other?.path).toBeUndefined()
  })

  it('in what Apollo found wrong with it', () => {
    const valueCompletion = [new GraphQLError('null', { path: ['list', 1, 'm', 'n_1', 'deeper'] })]
    expect(restore({ extensions: { valueCompletion, more: 1 } }).extensions).toMatchObject({
      valueCompletion: [{ path: ['list', 1, 'm', 'n', 'deeper'] }],
      more: 1,
    })
  })
})
