import { composeServices } from '@apollo/composition'
import { expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { createGraph } from '../../graph/graph.ts'
import { createSubscriptionPlanner } from './planned-subscription.ts'

const sdl = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://specs.parley.dev/live/v1.0", import: ["@resumable", { name: "@viewerDependent", as: "@personal" }])
    @composeDirective(name: "@resumable")
    @composeDirective(name: "@personal")
  directive @resumable(cursorArgument: String!) on FIELD_DEFINITION
  directive @personal on FIELD_DEFINITION
  directive @rounded on FIELD
  type Query { nothing: Int }
  type Subscription {
    ticks(of: ID!, filter: Filter, most: Int = 5, from: String): Tick! @resumable(cursorArgument: "from")
    plain(of: ID!): Tick!
  }
  input Filter { low: Int, high: Int, names: [String!] }
  interface Tick { at: Int, value: Int, mine: Int, own: Int @personal }
  type Small implements Tick { at: Int, value: Int, mine: Int @personal, own: Int, near(n: Int): Int }
  type Large implements Tick { at: Int, value: Int, mine: Int, own: Int }
`
const { supergraphSdl, errors } = composeServices([{ name: 'ticks', url: '', typeDefs: parse(sdl) }])
const graph = createGraph(supergraphSdl ?? String(errors))
const { read, plan } = createSubscriptionPlanner(graph)
const keyOf = (text: string, variables: Record<string, unknown> = {}, operationName?: string) => {
  const identity = read(parse(text), operationName).identityOf(variables)
  return identity?.isShareable ? identity.key : undefined
}

const asked = keyOf('subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at value } }')

it.each<[string, string, Record<string, unknown>?, string?]>([
  ['fields in another order', 'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { value at } }'],
  ['arguments in another order', 'subscription { ticks(filter: { high: 2, low: 1 }, of: "a") { at value } }'],
  [
    'variables',
    'subscription ($a: ID!, $f: Filter) { ticks(of: $a, filter: $f) { at value } }',
    { a: 'a', f: { high: 2, low: 1 } },
  ],
  [
    'other names of variables',
    'subscription ($x: ID!, $l: Int) { ticks(of: $x, filter: { low: $l, high: 2 }) { at value } }',
    { x: 'a', l: 1 },
  ],
  ['a name', 'subscription Named { ticks(of: "a", filter: { low: 1, high: 2 }) { at value } }'],
  [
    'a default that is spelled out',
    'subscription { ticks(of: "a", most: 5, filter: { low: 1, high: 2 }) { at value } }',
  ],
  ['a cursor', 'subscription { ticks(of: "a", from: "x", filter: { low: 1, high: 2 }) { at value } }'],
  [
    'a cursor by a variable',
    'subscription ($c: String) { ticks(of: "a", from: $c, filter: { low: 1, high: 2 }) { at value } }',
    { c: 'y' },
  ],
  [
    'a fragment',
    'subscription { ...F } fragment F on Subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { ...T at } } fragment T on Tick { value }',
  ],
  [
    'what is included',
    'subscription ($yes: Boolean!) { ticks(of: "a", filter: { low: 1, high: 2 }) { at @include(if: $yes) value ... @skip(if: $yes) { mine } } }',
    { yes: true },
  ],
  ['a field twice', 'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at value at } }'],
  [
    'another operation beside it',
    'query Other { nothing } subscription It { ticks(of: "a", filter: { low: 1, high: 2 }) { at value } }',
    {},
    'It',
  ],
])('is the same with %s', (...[, text, variables, operationName]) => {
  expect(asked).toBeDefined()
  expect(keyOf(text, variables, operationName)).toBe(asked)
})

it.each([
  ['another value', 'subscription { ticks(of: "b", filter: { low: 1, high: 2 }) { at value } }'],
  ['another value within', 'subscription { ticks(of: "a", filter: { low: 1, high: 3 }) { at value } }'],
  [
    'a list in another order',
    'subscription { ticks(of: "a", filter: { low: 1, high: 2, names: ["x"] }) { at value } }',
  ],
  ['fewer fields', 'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at } }'],
  ['an alias', 'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at worth: value } }'],
  ['an alias of the root', 'subscription { t: ticks(of: "a", filter: { low: 1, high: 2 }) { at value } }'],
  [
    'a field of some types only',
    'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at ... on Large { value } } }',
  ],
  ['more', 'subscription { ticks(of: "a", filter: { low: 1, high: 2 }) { at value __typename } }'],
])('differs with %s', (_, text) => {
  expect(keyOf(text)).toBeDefined()
  expect(keyOf(text)).not.toBe(asked)
})

it('tells values apart that read alike', () => {
  const of = (names: string) => keyOf(`subscription { ticks(of: "a", filter: { names: ${names} }) { at } }`)
  expect(of('["a", "b"]')).not.toBe(of('["a,b"]'))
  expect(of('["a", "b"]')).not.toBe(of('["b", "a"]'))
  const near = (n: number) => keyOf(`subscription { ticks(of: "a") { ... on Small { near(n: ${n}) } } }`)
  expect(near(1)).not.toBe(near(2))
})

it('is none where the result depends on who asks, by whichever type', () => {
  expect(keyOf('subscription { ticks(of: "a") { at mine } }')).toBeUndefined()
  expect(keyOf('subscription { ticks(of: "a") { ... on Small { m: mine } } }')).toBeUndefined()
  expect(keyOf('subscription { ticks(of: "a") { ... on Large { own } } }')).toBeUndefined()
  expect(keyOf('subscription { ticks(of: "a") { ... on Large { mine } } }')).toBeDefined()
})

it('is none for a field that cannot be resumed', () => {
  expect(read(parse('subscription { plain(of: "a") { at } }'), undefined).resumable).toBeUndefined()
})

it('knows the cursor that the client asks to go on after', () => {
  const cursorIn = (text: string, variables: Record<string, unknown>) =>
    read(parse(text), undefined).resumable?.cursorIn(variables)
  const withVariable = 'subscription ($c: String) { ticks(of: "a", from: $c) { at } }'
  expect(cursorIn(withVariable, { c: 'x' })).toBe('x')
  expect(cursorIn(withVariable, {})).toBeUndefined()
  expect(cursorIn(withVariable, { c: null })).toBeUndefined()
  expect(cursorIn('subscription { ticks(of: "a", from: "y") { at } }', {})).toBe('y')
})

it('asks the upstream by a variable of its own, whatever the client called its variables', () => {
  const { node, resumable } = plan(
    parse('subscription ($resumeAfter: ID!) { ticks(of: $resumeAfter, from: "y") { at } }'),
    undefined,
  )
  expect(resumable?.variable).toBe('resumeAfter_')
  expect(node.primary.variableUsages?.toSorted()).toEqual(['resumeAfter', 'resumeAfter_'])
  expect(node.primary.operation).toContain('from:$resumeAfter_')
})

it('plans each text once, and refuses what may be nothing to subscribe to', () => {
  const text = 'subscription { ticks(of: "a") { at } }'
  const planned = plan(parse(text), undefined)
  expect(plan(parse(text), undefined) === planned).toBe(true)
  expect(read(parse(text), undefined) === planned).toBe(true)
  const conditional = 'subscription ($no: Boolean!) { ticks(of: "a") @include(if: $no) { at } }'
  expect(() => read(parse(conditional), undefined)).toThrow('without @skip or @include')
})

it('tells what a text asks for without a plan', () => {
  const unplannable = createSubscriptionPlanner({
    ...graph,
    plan() {
      throw new Error('It was planned')
    },
  })
  const text = parse('subscription { ticks(of: "a", from: "y") { at } }')
  const known = unplannable.read(text, undefined)
  expect(known.identityOf({})).toEqual(read(text, undefined).identityOf({}))
  expect(known.resumable?.cursorIn({})).toBe('y')
  expect(() => unplannable.plan(text, undefined)).toThrow('It was planned')
})
