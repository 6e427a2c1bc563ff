import { expect, it } from '@jest/globals'
import { createFrameRing } from './frames.ts'
import { createPieces } from './pieces.ts'

function setUp(maxFrames = 10) {
  const ring = createFrameRing('start', { maxFrames, maxBytes: 1_000_000 })
  const push = (cursor: string | null, { size = 1, remove = [] as string[] } = {}) =>
    ring.push({ cursor, payload: Buffer.alloc(size, cursor ?? '-'), remove })
  return { push, pieces: createPieces(ring) }
}
const textOf = (piece: { payloads: readonly Buffer[] } | undefined) =>
  piece && Buffer.concat([...piece.payloads]).toString()

it('is all that follows a position, with the last cursor in it', () => {
  const { push, pieces } = setUp()
  expect(pieces.after(0)).toBeUndefined()
  for (const cursor of ['a', 'b', null]) push(cursor)
  const piece = pieces.after(0)
  expect(piece).toMatchObject({ end: 3, cursor: 'b', remove: [] })
  expect(textOf(piece)).toBe('ab-')
  expect(pieces.after(0)).toBe(piece)
  expect(pieces.after(2)).toMatchObject({ end: 3, cursor: undefined })
  push('c')
  expect(textOf(pieces.after(0))).toBe('ab-c')
  expect(textOf(pieces.after(3))).toBe('c')
  expect(pieces.after(4)).toBeUndefined()
})

it('ends with an event that removes somebody', () => {
  const { push, pieces } = setUp()
  push('a')
  push('b', { remove: ['ann'] })
  push('c')
  expect(pieces.after(0)).toMatchObject({ end: 2, cursor: 'b', remove: ['ann'] })
  expect(pieces.after(2)).toMatchObject({ end: 3, cursor: 'c', remove: [] })
})

it('is bounded, but never empty', () => {
  const { push, pieces } = setUp()
  for (const cursor of ['a', 'b', 'c']) push(cursor, { size: 10_000 })
  push('d', { size: 500_000 })
  expect(pieces.after(0)?.end).toBe(2)
  expect(pieces.after(2)?.end).toBe(4)
  expect(pieces.after(3)?.end).toBe(4)
})

it('is not there for who has fallen out of the ring', () => {
  const { push, pieces } = setUp(2)
  for (const cursor of ['a', 'b', 'c']) push(cursor)
  expect(pieces.after(0)).toBeUndefined()
  expect(textOf(pieces.after(1))).toBe('bc')
})
