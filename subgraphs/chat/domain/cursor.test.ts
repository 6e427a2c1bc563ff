import { describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { fromCursor, fromListCursor, toCursor, toListCursor } from './cursor.ts'

const encoded = (text: string) => Buffer.from(text).toString('base64url')

describe('room cursor', () => {
  const roomId = uuidv7()

  it.each([0, 1, 42, 999_999_999_999_999])('comes back as the position %i', (seq) => {
    expect(fromCursor(roomId, toCursor(roomId, seq))).toBe(seq)
  })

  it('shows no more than a URL may hold', () => {
    expect(toCursor(roomId, 123_456)).toMatch(/^[\w-]+$/)
  })

  it('is none of another room', () => {
    expect(fromCursor(uuidv7(), toCursor(roomId, 7))).toBeUndefined()
  })

  it.each([
    '',
    ' ',
    'garbage',
    '💥',
    '__proto__',
    'constructor',
    'null',
    encoded('__proto__'),
    encoded('[object Object]'),
    encoded(`${roomId}`),
    encoded(`${roomId}:`),
    encoded(`${roomId}:-1`),
    encoded(`${roomId}:1.5`),
    encoded(`${roomId}:1e3`),
    encoded(`${roomId}:0x10`),
    encoded(`${roomId}:Infinity`),
    encoded(`${roomId}:NaN`),
    encoded(`${roomId}: 1`),
    encoded(`${roomId}:1 `),
    encoded(`${roomId}:1\n`),
    encoded(`\n${roomId}:1`),
    encoded(`${roomId}:1:1`),
    encoded(`x${roomId}:1`),
    encoded(`${roomId}:9999999999999999`),
    encoded(`${roomId}:${'9'.repeat(400)}`),
    encoded(`${roomId}:١`),
    encoded(`__proto__:1`),
    'A'.repeat(1_000_000),
  ])('refuses %#', (cursor) => {
    expect(fromCursor(roomId, cursor)).toBeUndefined()
  })
})

describe('list cursor', () => {
  it('comes back as its values', () => {
    expect(fromListCursor(toListCursor('näme "%_', 'id'), 'string', 'string')).toEqual(['näme "%_', 'id'])
    expect(fromListCursor(toListCursor(7), 'number')).toEqual([7])
    expect(fromListCursor(toListCursor(7, '__proto__'), 'number', 'string')).toEqual([7, '__proto__'])
  })

  it.each([
    '',
    'garbage',
    '__proto__',
    encoded('null'),
    encoded('{}'),
    encoded('{"0":1,"1":"x","length":2}'),
    encoded('{"__proto__":[1,"x"]}'),
    encoded('[]'),
    encoded('[1]'),
    encoded('["x",1]'),
    encoded('[1,"x",2]'),
    encoded('[1,null]'),
    encoded('[{"$gt":0},"x"]'),
    encoded('[1,["x"]]'),
    encoded('[1,"x"'),
    '['.repeat(10_000),
    encoded('['.repeat(100_000)),
  ])('refuses %#', (cursor) => {
    expect(fromListCursor(cursor, 'number', 'string')).toBeUndefined()
  })
})
