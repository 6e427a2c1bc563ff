import { composeServices } from '@apollo/composition'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'graphql'
import { AppError } from '../../platform/errors/app-error.ts'
import { defaultLimits } from '../config.ts'
import { createGraph } from '../graph/graph.ts'
import { createKnownDocuments } from './document/known-documents.ts'
import { createOperationCheck } from './operation-check.ts'

const types = ['A', 'B', 'C']
const one = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { i: I }
  interface I { id: ID! f: Int child(n: Int): I }
  ${types.map((type) => `type ${type} implements I @key(fields: "id") { id: ID! f: Int child(n: Int): I }`).join('\n')}
`
const two = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  ${types.map((type) => `type ${type} @key(fields: "id") { id: ID! far: Int }`).join('\n')}
`
const services = [one, two].map((sdl, index) => ({
  name: `s${index}`,
  url: `http://s${index}`,
  typeDefs: parse(sdl),
}))
const { supergraphSdl = '' } = composeServices(services)
const graph = createGraph(supergraphSdl)
const many = { maxAliases: 10_000, maxFields: 10_000, maxTokens: 100_000, maxDepth: 20, maxCost: 1e9 }
const check = createOperationCheck({
  limits: { ...defaultLimits, ...many },
  development: false,
  graph: () => graph,
  documents: createKnownDocuments(1_000_000),
  countLimit: () => {},
  noteCost: () => {},
})

/** A name of the field `f`; or what is selected under a key or a type condition. */
type Item = { name: string } | { key: string; below: Item[] } | { on: string; below: Item[] }

const items = fc
  .letrec((tie) => {
    const below = fc.array(tie('item') as fc.Arbitrary<Item>, { minLength: 1, maxLength: 4 })
    const one = fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom('f', 'x', 'y', 'z').map((name): Item => ({ name })),
      fc.tuple(fc.constantFrom(...types, 'I'), below).map(([on, below]): Item => ({ on, below })),
      fc.tuple(fc.constantFrom('k', 'l'), below).map(([key, below]): Item => ({ key, below })),
    )
    return { item: one, items: below }
  })
  .items.map((list) => possible(list as Item[]))

/** Without what no object can hold: a type within another one. */
const possible = (list: Item[], type?: string): Item[] =>
  list.flatMap((item): Item[] => {
    if ('name' in item) return [item]
    const isOfOther = 'on' in item && item.on !== 'I' && type !== undefined && item.on !== type
    const below = possible(item.below, 'key' in item ? undefined : item.on === 'I' ? type : item.on)
    return isOfOther || below.length === 0 ? [] : [{ ...item, below }]
  })

const textOf = (list: Item[]): string => `{ ${list.map(textOfItem).join(' ')} }`
function textOfItem(item: Item): string {
  if ('name' in item) return item.name === 'f' ? 'f' : `${item.name}: f`
  return `${'on' in item ? `... on ${item.on}` : `${item.key}: child(n: 1)`} ${textOf(item.below)}`
}

/** What holds of an object of this type. */
const ofType = (list: Item[], type: string): Item[] =>
  list.flatMap((item) => {
    if (!('on' in item)) return [item]
    return item.on === 'I' || item.on === type ? ofType(item.below, type) : []
  })

/** The most names of `f` in one object, found by trying every type at every place. */
function mostNames(list: Item[]): number {
  const counts = types.map((type) => {
    const held = ofType(list, type)
    const names = new Set(held.flatMap((item) => ('name' in item ? [item.name] : [])))
    const below = ['k', 'l'].map((key) => held.flatMap((item) => ('key' in item && item.key === key ? item.below : [])))
    return Math.max(names.size, ...below.map((each) => (each.length > 0 ? mostNames(each) : 0)))
  })
  return Math.max(...counts)
}

function limitOf(query: string): string | undefined {
  try {
    check({ query })
    return undefined
  } catch (error) {
    return error instanceof AppError ? error.details.limit : undefined
  }
}

it('an object has copies by what is selected for its own type and for any', () => {
  fc.assert(
    fc.property(items, (list) => {
      fc.pre(list.length > 0)
      expect(limitOf(`{ i ${textOf(list)} }`)).toBe(mostNames(list) > 2 ? 'copies' : undefined)
    }),
    { numRuns: 1_000 },
  )
})

it('fields of an interface count for every type, before the type conditions or after them', () => {
  const names = ['x', 'y', 'z']
  const branches = (count: number) => types.map((type, n) => `... on ${type} { ${names[n % count]}: f }`).join(' ')
  expect(limitOf(`{ i { ${branches(3)} } }`)).toBeUndefined()
  expect(limitOf(`{ i { v: f w: f ${branches(1)} } }`)).toBe('copies')
  expect(limitOf(`{ i { ${branches(1)} v: f w: f } }`)).toBe('copies')
})

it('what no object can hold costs no work', () => {
  const impossible = '... on A { f ... on I { ... on B { far child(n: 2) { f } } } }'
  expect(workOf(impossible)).toBe(workOf('... on A { f }'))
})

const workOf = (selection: string) => check({ query: `{ i { ${selection} } }` }).cost.work

it('the dearest type pays for its own requests, whichever was asked first', () => {
  const parts = fc.array(fc.constantFrom('far', 'f', 'child(n: 1) { f }', 'child(n: 1) { ... on A { far } }'), {
    minLength: 1,
    maxLength: 5,
  })
  fc.assert(
    fc.property(parts, parts, parts, (...selections) => {
      const branches = selections.map((selection, n) => `... on ${types[n]} { ${selection.join(' ')} }`)
      const alone = Math.max(...branches.map(workOf))
      expect(workOf(branches.join(' '))).toBeGreaterThanOrEqual(alone)
      expect(workOf(branches.toReversed().join(' '))).toBeGreaterThanOrEqual(alone)
    }),
  )
  const [plain, dear] = ['... on A { far }', '... on B { far f child(n: 1) { f } }']
  expect(workOf(`${plain} ${dear}`)).toBe(workOf(dear))
})
