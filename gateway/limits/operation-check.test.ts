import { composeServices } from '@apollo/composition'
import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { getIntrospectionQuery, type IntrospectionOptions, parse } from 'graphql'
import type { AppError } from '../../platform/errors/app-error.ts'
import { defaultLimits } from '../config.ts'
import { createGraph } from '../graph/graph.ts'
import type { OperationCost } from './cost/measure-operation.ts'
import { createKnownDocuments } from './document/known-documents.ts'
import type { Limit } from './limit-count.ts'
import { createOperationCheck } from './operation-check.ts'
import type { OperationRequest } from './operation-request.ts'

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])
  type Query { a(n: Int): A b: Int c: Int rooms(first: Int = 20, last: Int): Page! @listSize(
    slicingArguments: ["first", "last"], assumedSize: 100, sizedFields: ["edges"], requireOneSlicingArgument: false
  ) unmarked: [A!]! text: String! @cost(weight: 10) }
  type A { a: A b: Int c: Int d: Int e: Int list: [A!]! @listSize(assumedSize: 7) page(first: Int): Page! @listSize(
    slicingArguments: ["first"], assumedSize: 100, sizedFields: ["edges"], requireOneSlicingArgument: false) }
  type Page { edges: [Edge!]! count: Int! }
  type Edge { node: A! }
  type Mutation { login: A register: A other: A rename: A }
`
const { supergraphSdl = '' } = composeServices([{ name: 'one', url: 'http://one', typeDefs: parse(sdl) }])
const graph = createGraph(supergraphSdl)
const limits = { ...defaultLimits, exclusiveMutations: ['login', 'register'] }

let counted: Limit[] = []
let costs: OperationCost[] = []
const createCheck = (more: { development?: boolean; limits?: typeof limits } = {}) =>
  createOperationCheck({
    limits,
    development: false,
    graph: () => graph,
    documents: createKnownDocuments(1_000_000),
    countLimit: (limit) => void counted.push(limit),
    noteCost: (cost) => void costs.push(cost),
    ...more,
  })
const check = (query: string, more: Partial<OperationRequest> = {}) => createCheck()({ query, ...more })
const costOf = (query: string, variables?: Record<string, unknown>) => check(query, { variables }).cost
const refusalOf = (work: () => unknown): AppError => {
  try {
    work()
  } catch (error) {
    return error as AppError
  }
  throw new Error('It was let through')
}
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ')
/** What an operation's first request to a subgraph adds to the work of its fields. */
const workOfRequest = 404
const nested = (levels: number) => `{ ${'a { '.repeat(levels - 1)} b ${'} '.repeat(levels - 1)} }`

beforeEach(() => {
  counted = []
  costs = []
})

describe('the check of an operation', () => {
  it('gives the document and the operation that runs', () => {
    const { document, operation } = check('query A { a { b } } query B { b }', { operationName: 'B' })
    expect(document.definitions).toHaveLength(2)
    expect(operation.name?.value).toBe('B')
  })

  it('refuses what is no text, no operation, or does not say which', () => {
    for (const query of ['', '  ', 7, null, undefined, ['{ a }'], { a: 1 }]) {
      expect(() => check(query as string)).toThrow('query: must be the text of an operation')
    }
    expect(() => check('query A { b } query B { b }')).toThrow('Name one operation')
    expect(() => check('query A { b }', { operationName: 'C' })).toThrow('Name one operation')
    expect(() => check('{ a ')).toThrow('Syntax Error')
    expect(() => check('type A { a: Int }')).toThrow('must define operations and fragments only')
    expect(() => createCheck()([{ query: '{ b }' }] as never)).toThrow('batches are not served')
  })

  it.each<unknown>(['', ' ', 'A\n{ b }', 'A B', '1', '\u00e9', 7, {}, { toString: 1 }, ['A'], true])(
    'refuses the operation name %j, and says so',
    (operationName) => {
      const { details } = refusalOf(() => check('query A { b }', { operationName: operationName as string }))
      expect(details.field).toBe('operationName')
    },
  )

  it('tells texts apart whose names and texts read the same one after the other', () => {
    const one = createCheck()
    const wide = `query A { b } query B { ${times(500, () => 'b')} }`
    expect(() => one({ query: 'query A { b }', operationName: 'A' })).not.toThrow()
    expect(() => one({ query: wide, operationName: 'A' })).toThrow('at most 400 fields')
  })

  it('refuses what is not valid, without the names that the schema has', () => {
    expect(() => check('{ bb }')).toThrow('Cannot query field "bb" on type "Query".')
    expect(() => createCheck({ development: true })({ query: '{ roomss }' })).toThrow('Did you mean "rooms"')
  })

  it('refuses variables that do not fit', () => {
    const query = 'query ($n: Int) { a(n: $n) { b } }'
    expect(() => check(query, { variables: { n: 'x' } })).toThrow('Variable "$n" got invalid value')
    expect(() => check('query ($n: Int!) { a(n: $n) { b } }')).toThrow('Variable "$n" of required type')
  })

  it('refuses variables that are no object or nested too deep, however deep', () => {
    const nest = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect(() => check('{ b }', { variables: nest(32) })).not.toThrow()
    expect(() => check('{ b }', { variables: nest(33) })).toThrow('variables: must have at most 32 levels')
    expect(() =>
      check('{ b }', { variables: { list: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) } }),
    ).toThrow('32 levels')
    expect(() => check('{ b }', { variables: [] as never })).toThrow('variables: must be an object')
    expect(() => check('{ b }', { variables: 'a' as never })).toThrow('variables: must be an object')
  })

  it('parses an equal text once, and checks the variables of each request', () => {
    const checkEach = createCheck({ limits: { ...limits, maxCost: 750 } })
    const pages = 'query A($n: Int!) { rooms(first: $n) { edges { node { b } } } } query B { b }'
    const [one, same] = [40, 50].map((n) => checkEach({ query: pages, operationName: 'A', variables: { n } }))
    expect(same?.document).toBe(one?.document)
    expect(checkEach({ query: pages, operationName: 'B' }).operation.name?.value).toBe('B')
    expect(counted).toEqual([])
    expect(() => checkEach({ query: pages, operationName: 'A', variables: { n: 100 } })).toThrow('at most 750 points')
    expect(counted).toEqual(['cost'])
    expect(costs).toHaveLength(3)
  })

  it('keeps nothing of the text that a document came in', () => {
    const { document } = check(`# ${'comment '.repeat(1_000)}\nquery aNameLongEnoughToBeASlice { b }`)
    expect(JSON.stringify(document).length).toBeLessThan(400)
    expect(JSON.stringify(document)).not.toContain('loc')
  })
})

describe('fragments', () => {
  it.each([
    ['two of one name', '{ ...f } fragment f on Query { b } fragment f on Query { c }', 'two fragments of one name'],
    [
      'two of one name, the first of which doubles',
      `{ ...f0 } ${times(28, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f28 on Query { b } fragment f0 on Query { b }`,
      'two fragments of one name',
    ],
    ['one that holds itself', '{ ...a } fragment a on Query { ...a }', 'circle'],
    [
      'a circle',
      '{ ...a } fragment a on Query { ...b } fragment b on Query { ... { ...c } } fragment c on Query { ...a }',
      'circle',
    ],
    ['a circle below a field', '{ a { ...a } } fragment a on A { a { ...a } }', 'circle'],
    ['a circle that nobody reaches', '{ b } fragment a on Query { ...c } fragment c on Query { ...a }', 'circle'],
    ['one that is not used', '{ b } fragment a on Query { b }', 'not used'],
    ['one that is not defined', '{ ...missing }', 'does not define'],
    ['no operation', 'fragment a on Query { b }', 'not used'],
  ])('are refused before anything else: %s', (_, query, problem) => {
    const refusal = refusalOf(() => check(query))
    expect(refusal.message).toContain(problem)
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'query' } })
  })

  it('that multiply are refused at the first selection too many', () => {
    const bomb = `{ ...f0 } ${times(40, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f40 on Query { b }`
    expect(refusalOf(() => check(bomb)).details).toMatchObject({ limit: 'fields', asked: 401, allowed: 400 })
  })
})

describe('the limits of an operation', () => {
  it('of tokens count comments, and refuse thousands of braces without a crash', () => {
    expect(() => check(`{ ${'b '.repeat(999)} }`)).toThrow(/token/i)
    expect(refusalOf(() => check('{a'.repeat(6_000))).details).toMatchObject({ limit: 'tokens', allowed: 1_000 })
    expect(() => check(`{ b ${'@b'.repeat(20_000)} }`)).toThrow(/token/i)
    expect(() => check(`{ b }${'\n#'.repeat(990)}`)).not.toThrow()
    expect(() => check(`{ b }${'\n#'.repeat(998)}`)).toThrow(/token/i)
    expect(() => check(`{ b }${'\n#'.repeat(2_000)}`)).toThrow(/token/i)
  })

  it('of ignored characters count white space, commas and comments outside of strings', () => {
    const most = limits.maxIgnoredCharacters
    for (const blank of [' ', '\n', ',', '\t', '\ufeff'])
      expect(refusalOf(() => check(`{ b }${blank.repeat(most)}`)).details).toMatchObject({
        limit: 'ignored_characters',
        allowed: most,
      })
    expect(() => check(`{ b }#${'x'.repeat(most)}`)).toThrow('white space and comments')
    expect(() => check(`{ b }${' '.repeat(most - 2)}`)).not.toThrow()
    // A string is no comment: it may hold what it likes.
    for (const text of [`"# ${'\\" '.repeat(most)}"`, `"""# ${'\\""" '.repeat(most)}"""`])
      expect(() => check(`{ a(n: ${text}) { b } }`)).toThrow('Int cannot represent')
    for (const text of ['"', '"""', '"\\', '"\\"'.repeat(30_000)])
      expect(() => check(`{ a(n: ${text}`)).toThrow('Syntax')
  })

  it('of depth allow the deepest and refuse one more, fragments spread out', () => {
    expect(() => check(nested(8))).not.toThrow()
    expect(refusalOf(() => check(nested(9))).details).toEqual({ field: 'query', limit: 'depth', asked: 9, allowed: 8 })
    expect(() => check(`{ a { ...f } } fragment f on A ${nested(7)}`)).not.toThrow()
    expect(() => check(`{ a { ... on A { ...f } } } fragment f on A ${nested(8)}`)).toThrow('at most 8 levels')
  })

  it('of fields hold for all operations of the document together', () => {
    expect(() => check(`{ ${'b '.repeat(400)} }`)).not.toThrow()
    expect(() => check(`{ ${'b '.repeat(401)} }`)).toThrow('at most 400 fields')
    expect(() => check(`query A { b } query B { a { ${'b '.repeat(500)} } }`, { operationName: 'A' })).toThrow(
      'at most 400 fields',
    )
  })

  it('of aliases hold wherever they stand, and count a fragment as often as it is spread', () => {
    const list = times(30, (n) => `a${n}: a(n: ${n}) { b }`)
    expect(() => check(`{ ${list} }`)).not.toThrow()
    expect(() => check(`{ ...f x: b } fragment f on Query { ${list} }`)).toThrow('at most 30 aliases')
    const spread = (count: number) => `{ ${times(count, () => 'a { ...f }')} } fragment f on A { x: b y: c }`
    expect(() => check(spread(15))).not.toThrow()
    expect(() => check(spread(16))).toThrow('at most 30 aliases')
  })

  it('of repeats refuse a field with selections that comes once too often at one place, however it is spread', () => {
    const repeated = (count: number) => times(count, () => 'a { b }')
    const others = (count: number) => times(count, () => '... on Page { a { b } }')
    for (const query of [
      `{ ${repeated(21)} }`,
      `{ a { ...f } } fragment f on A { ... on A { ${repeated(21)} } }`,
      `{ a { ${repeated(11)} } a { ${repeated(10)} } }`,
      `{ a { ${others(21)} } }`,
    ]) {
      expect(refusalOf(() => check(query)).details).toMatchObject({ limit: 'repeats', asked: 21, allowed: 20 })
    }
    expect(() => check(`{ ${repeated(20)} }`)).not.toThrow()
    expect(() => check(`{ ${times(100, () => 'b')} }`)).not.toThrow()
  })

  it('of copies refuse a field without arguments that comes a third time in one object, however it is spread', () => {
    expect(() => check('{ a { b b b b } }')).not.toThrow()
    for (const query of [
      '{ a { b c: b d: b } }',
      '{ a { b } a { c: b } a { d: b } }',
      '{ a { ...f ...g ...h } } fragment f on A { c: b } fragment g on A { d: b } fragment h on A { e: b }',
      '{ a { ... on A { c: b } ... on A { d: b } ... { e: b } } }',
    ]) {
      expect(refusalOf(() => check(query)).details).toMatchObject({ limit: 'copies', asked: 3, allowed: 2 })
    }
  })

  it('refuse introspection in production only, under any alias and in any fragment', () => {
    const hidden = '{ ...f } fragment f on Query { ... { a: __schema { types { name } } } }'
    for (const query of [hidden, '{ __type(name: "A") { name } }']) {
      expect(() => check(query)).toThrow('introspection')
      expect(() => createCheck({ development: true })({ query })).not.toThrow()
    }
    expect(() => check('{ __typename }')).not.toThrow()
  })

  it('of exclusive mutations allow one, beside any others', () => {
    for (const query of [
      'mutation { login { b } other { b } }',
      'mutation { ...f other { b } } fragment f on Mutation { ... { login { b } } }',
      'mutation { other: rename { b } register: rename { b } }',
      'mutation A { login { b } } mutation B { login { b } }',
    ]) {
      expect(() => check(query, query.includes(' A ') ? { operationName: 'A' } : {})).not.toThrow()
    }
    for (const query of [
      'mutation { a: login { b } b: login { b } }',
      'mutation { login { b } register { b } }',
      'mutation { ...f ...g } fragment f on Mutation { a: login { b } } fragment g on Mutation { ...h } fragment h on Mutation { b: login { b } }',
      'mutation { ...f ... { ...f } } fragment f on Mutation { login { b } }',
      'mutation ($on: Boolean!) { a: login @include(if: $on) { b } b: login @skip(if: $on) { b } }',
    ]) {
      const variables = query.includes('$on') ? { on: true } : {}
      expect(() => check(query, { variables })).toThrow('at most one of these mutations: login, register')
    }
  })
})

describe('the cost of an operation', () => {
  it('counts a page as often as its size says: as a literal, a variable, a default, or the most when nothing says it', () => {
    const page = (size: string) => `{ rooms${size} { edges { node { b } } } }`
    const ten = costOf(page('(first: 10)')).work
    expect(costOf(page('(last: 10)')).work).toBe(ten)
    expect(costOf('query ($n: Int) { rooms(first: $n) { edges { node { b } } } }', { n: 10 }).work).toBe(ten)
    expect(costOf('query ($n: Int = 10) { rooms(first: $n) { edges { node { b } } } }').work).toBe(ten)
    const most = costOf(page('(first: 100)')).work
    expect(most).toBeGreaterThan(8 * (ten - workOfRequest))
    for (const size of ['', '(first: null)', '(first: 100000)', '(first: 1, last: 100)']) {
      expect(costOf(page(size)).work).toBe(most)
    }
    expect(costOf('query ($n: Int) { rooms(first: $n) { edges { node { b } } } }').work).toBe(most)
    expect(costOf(page('(first: -5)')).work).toBeLessThan(ten)
  })

  it('counts a page whatever is selected of it', () => {
    expect(costOf('{ rooms(first: 100) { count } }').work).toBeGreaterThan(100)
    expect(costOf('{ rooms(first: 80) { edges { node { page(first: 100) { count } } } } }').work).toBeGreaterThan(8_000)
  })

  it('multiplies lists in lists, in fragments as anywhere else', () => {
    const direct = costOf('{ unmarked { list { b } } }')
    const spread = costOf('{ ...f } fragment f on Query { unmarked { ...g } } fragment g on A { ... { list { b } } }')
    expect([spread.work, spread.responseBytes]).toEqual([direct.work, direct.responseBytes])
    // 10 assumed, 7 marked: each list, and 70 times its field.
    expect(direct.work - workOfRequest).toBe(10 + 10 * 7 + 10 * 7)
  })

  it('weighs fields and estimates bytes, those of the names that a client makes up among them', () => {
    expect(costOf('{ text }').work - workOfRequest).toBe(10)
    expect(costOf('{ text }').responseBytes).toBeGreaterThan(10 * costOf('{ b }').responseBytes)
    const long = 'x'.repeat(1_000)
    expect(costOf(`{ rooms(first: 100) { edges { ${long}: node { b } } } }`).responseBytes).toBeGreaterThan(100_000)
  })

  it('is refused over its limits with what was asked and what is allowed', () => {
    const wide = `{ ${times(20, (n) => `a${n}: rooms(first: 100) { edges { node { list { b } } } }`)} }`
    const { details } = refusalOf(() => check(wide))
    expect(details).toMatchObject({ field: 'query', limit: 'cost', allowed: limits.maxCost })
    expect(details.asked).toBeGreaterThan(limits.maxCost)
    const heavy = createCheck({ limits: { ...limits, maxCost: 1e9, maxResponseBytes: 50_000 } })
    expect(refusalOf(() => heavy({ query: wide })).details).toMatchObject({ limit: 'response_bytes', allowed: 50_000 })
  })

  it('of introspection is that of the lists that this schema has', () => {
    const development = createCheck({ development: true })
    const all: IntrospectionOptions = {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }
    const { cost } = development({ query: getIntrospectionQuery(all) })
    expect(cost.points).toBeLessThan(limits.maxCost / 3)
    const nestedFields = (levels: number): string =>
      levels === 0 ? 'name' : `fields { a: name type { ${nestedFields(levels - 1)} } }`
    expect(() => development({ query: `{ __schema { types { ${nestedFields(7)} } } }` })).toThrow('points')
  })

  it('is infinite for no document: numbers beyond all bounds are refused as well', () => {
    const deep = createCheck({ limits: { ...limits, maxDepth: 1_000 } })
    const lists = `{ ${'unmarked: a { list { '.repeat(1)}${'list { '.repeat(300)} b ${'}'.repeat(300)} } } }`
    expect(refusalOf(() => deep({ query: lists })).details).toMatchObject({ limit: 'cost' })
  })
})

describe('of generated documents', () => {
  const name = fc.integer({ min: 0, max: 6 })
  const selection = fc.letrec((tie) => ({
    set: fc.array(tie('one'), { minLength: 1, maxLength: 5 }).map((all) => `{ ${all.join(' ')} }`),
    one: fc.oneof(
      { maxDepth: 4 },
      fc.constant('b'),
      fc.integer({ min: 0, max: 9 }).map((n) => `x${n}: c`),
      name.map((n) => `...f${n}`),
      (tie('set') as fc.Arbitrary<string>).map((set) => `a ${set}`),
      (tie('set') as fc.Arbitrary<string>).map((set) => `list ${set}`),
      (tie('set') as fc.Arbitrary<string>).map((set) => `... on A ${set}`),
      fc
        .tuple(fc.integer({ min: -1, max: 200 }), tie('set') as fc.Arbitrary<string>)
        .map(([size, set]) => `page(first: ${size}) { edges { node ${set} } }`),
    ),
  })).set as fc.Arbitrary<string>
  const documents = fc
    .tuple(selection, fc.array(fc.tuple(name, selection), { maxLength: 7 }))
    .map(([root, fragments]) => `{ a ${root} } ${fragments.map(([n, set]) => `fragment f${n} on A ${set}`).join(' ')}`)

  it('none is walked past the limit of fields, and every refusal says why', () => {
    fc.assert(
      fc.property(documents, (query) => {
        const walked = { selections: 0 }
        try {
          const { cost } = createCheck()({ query }, walked)
          expect(walked.selections).toBeLessThanOrEqual(limits.maxFields)
          expect(cost.points).toBeLessThanOrEqual(limits.maxCost)
        } catch (error) {
          expect((error as Error).message).toMatch(/must|Syntax|Fields|validation/)
          const { details } = error as Partial<AppError>
          if (details?.limit === 'fields') expect(details.asked).toBe(limits.maxFields + 1)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('costs never fall when something is added, and never depend on how it is spread', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('b', 'c', 'a { b }', 'list { b }'), { minLength: 1, maxLength: 20 }),
        (parts) => {
          const whole = costOf(`{ a { ${parts.join(' ')} } }`)
          const spread = costOf(`{ a { ...f } } fragment f on A { ${parts.join(' ')} }`)
          expect(spread.points).toBe(whole.points)
          expect(costOf(`{ a { ${parts.join(' ')} d } }`).work).toBe(whole.work + 1)
        },
      ),
    )
  })
})
