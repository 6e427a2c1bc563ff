import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hrefOfRoom, roomIn } from './use-room-in-hash.ts'

it('finds the room of its own links', () => {
  const id = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(fc.property(id, (roomId) => expect(roomIn(hrefOfRoom(roomId))).toBe(roomId)))
})

it('has an answer for any address, whatever somebody made of it', () => {
  const part = fc.constantFrom(
    '#',
    '/',
    'rooms',
    '%',
    '%2',
    '%zz',
    '%ff',
    '%00',
    '%2F',
    '?',
    '&a=b',
    'ä',
    '\ud800',
    ' ',
  )
  const hash = fc.oneof(
    fc.array(part).map((parts) => parts.join('')),
    fc.string().map((text) => `#/rooms/${text}`),
  )
  fc.assert(fc.property(hash, (text) => expect(['string', 'undefined']).toContain(typeof roomIn(text))))
  expect(roomIn('#/rooms/%')).toBe('%')
  for (const none of ['', '#', '#/', '#/rooms', '#/rooms/', '#/rooms/a/b', '#x']) expect(roomIn(none)).toBeUndefined()
})
