import { expect, it } from '@jest/globals'
import { createFrameRing, type Frame } from './frames.ts'

const frame = (cursor: string | null, size = 1): Frame => ({ cursor, payload: Buffer.alloc(size), remove: [] })
const ring = (maxFrames: number, maxBytes = 1_000) => createFrameRing('start', { maxFrames, maxBytes })

it('begins after its first cursor', () => {
  const empty = ring(2)
  expect(empty.head()).toBe(0)
  expect(empty.positionOf('start')).toBe(0)
  expect(empty.positionOf('elsewhere')).toBeUndefined()
  expect(empty.after(0)).toBeUndefined()
})

it('gives what follows a position, as far as it reaches back', () => {
  const full = ring(2)
  for (const cursor of ['a', 'b', 'c']) full.push(frame(cursor))
  expect(full.head()).toBe(3)
  // Whoever has had "a" lacks nothing; who has had only "start" lacks "a", which is gone.
  expect(full.positionOf('start')).toBeUndefined()
  expect(full.after(0)).toBeUndefined()
  expect(full.positionOf('a')).toBe(1)
  expect(full.after(1)?.cursor).toBe('b')
  expect(full.after(2)?.cursor).toBe('c')
  expect(full.after(3)).toBeUndefined()
})

it('keeps to its bytes, but always the newest', () => {
  const small = ring(100, 10)
  for (const cursor of ['a', 'b', 'c']) small.push(frame(cursor, 4))
  expect(small.positionOf('start')).toBeUndefined()
  expect(small.after(1)?.cursor).toBe('b')
  small.push(frame('large', 50))
  expect(small.after(3)?.cursor).toBe('large')
  expect(small.positionOf('b')).toBeUndefined()
  expect(small.positionOf('c')).toBe(3)
})

it('takes events without a cursor as part of what follows the cursor before', () => {
  const mixed = ring(2)
  mixed.push(frame('a'))
  mixed.push(frame(null))
  expect(mixed.positionOf('a')).toBe(1)
  expect(mixed.after(1)?.cursor).toBeNull()
  expect(mixed.positionOf('a')).toBe(1)
  mixed.push(frame('b'))
  mixed.push(frame('c'))
  // What followed "a" is gone.
  expect(mixed.positionOf('a')).toBeUndefined()
  expect(mixed.positionOf('b')).toBe(3)
})

it('never forgets more cursors than it must, and keeps no more than it holds', () => {
  const long = ring(3)
  const names = Array.from({ length: 1_000 }, (_, index) => `c${index}`)
  for (const name of names) long.push(frame(name))
  expect(names.filter((name) => long.positionOf(name) !== undefined)).toEqual(names.slice(-4))
})
