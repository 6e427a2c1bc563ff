import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { createVerifiedTokens } from './verified-tokens.ts'

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
const [one, other] = [newKey(), newKey()]

it('are known by the key that they were checked with', () => {
  const tokens = createVerifiedTokens()
  tokens.add('a', one)
  expect([tokens.has('a', one), tokens.has('a', other), tokens.has('b', one)]).toEqual([true, false, false])
})

it('are bounded by their bytes, and forget those that were not used for the longest time', () => {
  const tokens = createVerifiedTokens(10_000)
  for (let count = 0; count < 100; count += 1) {
    tokens.add(`${count}`.padEnd(800, 'x'), one)
    expect(tokens.has('0'.padEnd(800, 'x'), one)).toBe(true)
  }
  const known = Array.from({ length: 100 }, (_, count) => tokens.has(`${count}`.padEnd(800, 'x'), one))
  expect(known.filter(Boolean)).toHaveLength(10)
  expect(known.at(-1)).toBe(true)
})
