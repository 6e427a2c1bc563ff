import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { createPassports } from './passport.ts'

const [oldKey, newKey] = ['the old key, of thirty-two characters', 'the new key, of thirty-two characters']
const gateway = createPassports([newKey])
const subgraph = createPassports([newKey, oldKey])
const body = '{"query":"{ me { id } }"}'
let now = 1_800_000_000

beforeEach(() => {
  jest.spyOn(Date, 'now').mockImplementation(() => now * 1000)
})
afterEach(() => void jest.restoreAllMocks())

const forge = (claims: object, options: jwt.SignOptions = {}) =>
  jwt.sign({ iss: 'parley-gateway', aud: 'chat', ...claims }, newKey, {
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: 'passport+jwt' },
    ...options,
  })

describe('a passport', () => {
  it('is accepted by the subgraph and for the body that it was made for', () => {
    const passport = gateway.issue('chat', body)
    expect(subgraph.accepts('chat', passport)).toBe(true)
    expect(subgraph.covers(passport, body)).toBe(true)
    expect(subgraph.covers(passport, Buffer.from(body))).toBe(true)
  })

  it('is refused by another subgraph', () => {
    expect(subgraph.accepts('auth', gateway.issue('chat', body))).toBe(false)
  })

  it('does not cover another body', () => {
    const passport = gateway.issue('chat', body)
    expect(subgraph.covers(passport, `${body} `)).toBe(false)
    expect(subgraph.covers(passport, '')).toBe(false)
    expect(subgraph.covers('nonsense', body)).toBe(false)
  })

  it('is good for ten seconds, by clocks that are up to thirty seconds apart', () => {
    const passport = gateway.issue('chat', body)
    const made = now
    const at = (seconds: number) => {
      now = made + seconds
      return subgraph.check('chat', passport).refusal
    }
    expect([-31, -30, 0, 10, 39.9, 40].map(at)).toEqual(['clock', undefined, undefined, undefined, undefined, 'clock'])
  })

  it('is held against how long a passport may live, whatever it claims', () => {
    const passport = forge({ iat: now }, { expiresIn: 3_600 })
    now += 41
    expect(subgraph.check('chat', passport).refusal).toBe('clock')
  })

  it('tells who made it, by which clock, and why it is refused, once one of the keys signed it', () => {
    const named = createPassports([newKey], 'the gateway').issue('chat', body)
    now += 5
    expect(subgraph.check('chat', named)).toEqual({ from: 'the gateway', to: 'chat', ahead: -5 })
    expect(subgraph.check('auth', named)).toEqual({ from: 'the gateway', to: 'chat', ahead: -5, refusal: 'audience' })
    expect(createPassports([oldKey]).check('chat', named)).toEqual({ refusal: 'key' })
    expect(subgraph.check('chat', 'a.b.c')).toEqual({ refusal: 'malformed' })
    expect(subgraph.check('chat', undefined)).toEqual({ refusal: 'missing' })
  })

  it('is accepted with either key while one is rotated, and no longer afterwards', () => {
    const passport = createPassports([oldKey]).issue('chat', body)
    expect(subgraph.accepts('chat', passport)).toBe(true)
    expect(createPassports([newKey]).accepts('chat', passport)).toBe(false)
  })

  it('is signed with the first key', () => {
    expect(createPassports([newKey]).accepts('chat', subgraph.issue('chat', body))).toBe(true)
    expect(createPassports([oldKey]).accepts('chat', subgraph.issue('chat', body))).toBe(false)
  })

  it('is refused when it is of another kind', () => {
    expect(subgraph.accepts('chat', forge({}, { expiresIn: 30 }))).toBe(true)
    expect(subgraph.accepts('chat', forge({}))).toBe(false)
    expect(subgraph.accepts('chat', forge({ iss: 'someone' }, { expiresIn: 30 }))).toBe(false)
    expect(subgraph.accepts('chat', forge({}, { expiresIn: 30, header: { alg: 'HS256', typ: 'at+jwt' } }))).toBe(false)
    expect(
      subgraph.accepts(
        'chat',
        forge({}, { expiresIn: 30, algorithm: 'HS512', header: { alg: 'HS512', typ: 'passport+jwt' } }),
      ),
    ).toBe(false)
  })

  it.each([undefined, '', 'nonsense', 'a.b.c', ['x'], {}, 1])('is not %j', (passport) => {
    expect(subgraph.accepts('chat', passport)).toBe(false)
  })
})

it('passports need keys of at least 32 characters', () => {
  expect(() => createPassports([])).toThrow()
  expect(() => createPassports([newKey, 'short'])).toThrow()
})
