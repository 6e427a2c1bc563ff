import { describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { fromCursor, fromListCursor, toCursor, toListCursor } from './cursor.ts'
import { origin } from './position.ts'

const encoded = (text: string) => Buffer.from(text).toString('base64url')

describe('room cursor', () => {
  const roomId = uuidv7()

  const at = (seq: number) => ({ seq, id: uuidv7() })

  it.each([1, 42, 999_999_999_999_999])('comes back as the position %i', (seq) => {
    const position = at(seq)
    expect(fromCursor(roomId, toCursor(roomId, position))).toEqual(position)
  })

  it('comes back as the position before the first event', () => {
    expect(fromCursor(roomId, toCursor(roomId, origin))).toEqual(origin)
  })

  it('shows no more than a URL may hold', () => {
    expect(toCursor(roomId, at(123_456))).toMatch(/^[\w-]+$/)
  })

  it('is none of another room', () => {
    expect(fromCursor(uuidv7(), toCursor(roomId, at(7)))).toBeUndefined()
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
    // What releases gave that did not name the event.
    encoded(`${roomId}:0`),
    encoded(`${roomId}:42`),
    encoded(`${roomId}:0:x`),
    encoded(`${roomId}:1:`),
    encoded(`${roomId}:01:x`),
    encoded(`${roomId}:1:x y`),
    encoded(`${roomId}:1:${'x'.repeat(65)}`),
    encoded(`${roomId}`),
    encoded(`${roomId}:`),
    encoded(`${roomId}:-1:x`),
    encoded(`${roomId}:1.5:x`),
    encoded(`${roomId}:1e3:x`),
    encoded(`${roomId}:0x10:x`),
    encoded(`${roomId}:Infinity:x`),
    encoded(`${roomId}:NaN:x`),
    encoded(`${roomId}: 1:x`),
    encoded(`${roomId}:1:x `),
    encoded(`${roomId}:1:x\n`),
    encoded(`\n${roomId}:1:x`),
    encoded(`x${roomId}:1:x`),
    encoded(`${roomId}:9999999999999999:x`),
    encoded(`${roomId}:${'9'.repeat(400)}:x`),
    encoded(`${roomId}:١:x`),
    encoded(`__proto__:1:x`),
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
