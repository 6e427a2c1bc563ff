import { describe, expect, it } from '@jest/globals'
import { type DocumentNode, parse, print } from 'graphql'
import { createDocumentStore, withoutLocations } from './document-store.ts'

/** All objects that can be reached, whether or not JSON has them. */
function objectsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found
  found.add(value)
  for (const name of Object.getOwnPropertyNames(value)) objectsIn((value as Record<string, unknown>)[name], found)
  return found
}

const text = (name: string) => `query ${name}($id: ID! = "x") {
  # ${'a comment '.repeat(100)}
  a: user(id: $id) @include(if: true) { ...F ... on User { name } } } fragment F on User { id }`

describe('a document without locations', () => {
  it('says the same, and holds neither tokens nor the text', () => {
    const document = parse(text('One'))
    const { copy, bytes } = withoutLocations(document)
    expect(print(copy)).toBe(print(document))
    const names = [...objectsIn(copy)].flatMap((object) => Object.keys(object))
    expect(names).not.toContain('loc')
    expect(names).not.toContain('startToken')
    expect(objectsIn(copy).size).toBeLessThan(objectsIn(document).size / 2)
    expect(bytes).toBeGreaterThan(3 * JSON.stringify(copy).length - 1)
  })
})

describe('a document store', () => {
  const documentOf = (name: string): DocumentNode => parse(text(name))

  it('gives what it was given, until it is told to forget it', async () => {
    const store = createDocumentStore(100_000)
    await store.set('one', documentOf('One'))
    expect(print((await store.get('one')) as DocumentNode)).toBe(print(documentOf('One')))
    expect(await store.get('two')).toBeUndefined()
    await store.delete('one')
    expect(await store.get('one')).toBeUndefined()
  })

  it('forgets those that were not used for the longest time when it holds too much, and keeps none that is too large', async () => {
    const { bytes } = withoutLocations(documentOf('N00'))
    const store = createDocumentStore(5 * bytes)
    for (let count = 10; count < 30; count += 1) {
      await store.set(`${count}`, documentOf(`N${count}`))
      expect(await store.get('10')).toBeDefined()
    }
    const kept = await Promise.all(Array.from({ length: 20 }, (_, index) => store.get(`${10 + index}`)))
    expect(kept.filter(Boolean)).toHaveLength(5)
    await store.set('large', parse(`{ ${'a '.repeat(10_000)} }`))
    expect(await store.get('large')).toBeUndefined()
  })
})
