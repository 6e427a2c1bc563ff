import { describe, expect, it } from '@jest/globals'
import { buildSchema, parse, stripIgnoredCharacters, validate } from 'graphql'
import { createChance } from '../../delivery/chance.ts'
import { type Knobs, randomKnobs, turnedKnobs } from './knobs.ts'
import { operationNames, writeOperation } from './write-operation.ts'

const schema = buildSchema(`
  type Query { room(id: ID!): Room rooms(first: Int, after: String): [Room!]! }
  type Room { id: ID! name: String rooms(first: Int): [Room!]! }
`)
const world = { rooms: ['r1', 'r2'], messageId: 'm1', attacker: { userId: 'u1', username: 'mallory' } as never }
const write = (knobs: Knobs) => writeOperation(knobs, schema, world)
const sound: Knobs = {
  ...randomKnobs(createChance(1)),
  root: 'query',
  tokens: 200,
  depth: 4,
  fragments: 'none',
  variableDepth: 0,
  variableWidth: 0,
  comments: 0,
  spaces: 0,
}

describe('the operations of the adversary', () => {
  it('are the same for the same knobs', () => {
    expect(write(sound)).toEqual(write(sound))
  })

  it('have another text under each name, and are the same operations apart from it', () => {
    const chance = createChance(3)
    for (let count = 0; count < 100; count += 1) {
      const knobs = randomKnobs(chance)
      const written = operationNames.map((name) => writeOperation(knobs, schema, world, name))
      expect(new Set(written.map(({ query }) => stripIgnoredCharacters(query))).size).toBe(operationNames.length)
      expect(new Set(written.map(({ query }) => query.length)).size).toBe(1)
      const unnamed = written.map(({ query, ...rest }, index) => ({
        ...rest,
        query: query.replace(new RegExp(`^(query|subscription) ${operationNames[index]}\\b`, 'm'), '$1 A'),
        operationName: index > 0 && typeof knobs.operationName === 'string' ? knobs.operationName : rest.operationName,
      }))
      expect(unnamed).toEqual(unnamed.map(() => written[0]))
    }
  })

  it('are asked for by their own name', () => {
    const names = operationNames.map((name) => writeOperation({ ...sound, operationName: 'A' }, schema, world, name))
    expect(names.map(({ operationName }) => operationName)).toEqual([...operationNames])
  })

  it.each([true, false])(
    'are valid where the knobs ask for nothing that is refused; as variables: %s',
    (asVariables) => {
      for (let salt = 0; salt < 50; salt += 1) {
        const { query } = write({ ...sound, asVariables, salt })
        expect([query, validate(schema, parse(query)).map(({ message }) => message)]).toEqual([query, []])
      }
    },
  )

  it('differ from the ones that they were turned from', () => {
    const chance = createChance(2)
    const turned = Array.from({ length: 30 }, () => turnedKnobs(sound, chance))
    expect(turned.some((knobs) => knobs.page !== sound.page)).toBe(true)
    expect(turned.some((knobs) => knobs.salt !== sound.salt)).toBe(true)
  })
})
