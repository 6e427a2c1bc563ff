import { describe, expect, it } from '@jest/globals'
import { createPosition, placeOf } from './position.ts'

const event = (cursor: string | null) => ({ cursor, kind: 'event' as const })

describe('where an event stands', () => {
  it.each([
    [
      { __typename: 'MessageSent', cursor: 'c1' },
      { cursor: 'c1', kind: 'event' },
    ],
    [
      { __typename: 'Typing', cursor: null },
      { cursor: null, kind: 'event' },
    ],
    [
      { __typename: 'CaughtUp', cursor: 'c1' },
      { cursor: 'c1', kind: 'caught-up' },
    ],
    [
      { __typename: 'RoomSnapshot', cursor: 'c1' },
      { cursor: 'c1', kind: 'snapshot' },
    ],
    [
      { __typename: 'RoomSnapshot', cursor: 'c1', reset: false },
      { cursor: 'c1', kind: 'snapshot' },
    ],
    [
      { __typename: 'RoomSnapshot', cursor: 'c1', reset: true },
      { cursor: 'c1', kind: 'reset' },
    ],
    [{ __typename: 'MessageSent' }, undefined],
    [{ cursor: 'c1' }, undefined],
    [{ __typename: 'MessageSent', cursor: 1 }, undefined],
    [null, undefined],
    [undefined, undefined],
    ['text', undefined],
  ])('of %j is %j', (given, place) => expect(placeOf(given)).toEqual(place))
})

describe('a position', () => {
  it('moves with every event that has a cursor', () => {
    const position = createPosition()
    expect(position.cursor()).toBeNull()
    expect(position.take({ cursor: 'c1', kind: 'snapshot' })).toBe(true)
    expect(position.take(event('c2'))).toBe(true)
    expect(position.take(event(null))).toBe(true)
    expect(position.take(event(null))).toBe(true)
    expect(position.cursor()).toBe('c2')
  })

  it('knows a repeat, and does not go back with it', () => {
    const position = createPosition('c1')
    for (const cursor of ['c2', 'c3', 'c4']) position.take(event(cursor))
    expect(['c1', 'c2', 'c3', 'c4'].map((cursor) => position.take(event(cursor)))).toEqual([false, false, false, false])
    expect(position.cursor()).toBe('c4')
    expect(position.take({ cursor: 'c2', kind: 'snapshot' })).toBe(false)
    expect(position.take(event('c5'))).toBe(true)
  })

  it('does not take the event that CaughtUp names for a repeat, unless it was given', () => {
    const position = createPosition('c1')
    expect(position.take({ cursor: 'c2', kind: 'caught-up' })).toBe(true)
    expect(position.cursor()).toBe('c1')
    expect(position.take(event('c2'))).toBe(true)
    expect(position.take({ cursor: 'c2', kind: 'caught-up' })).toBe(true)
    expect(position.take(event('c2'))).toBe(false)
  })

  it('begins with CaughtUp when nothing else has a cursor', () => {
    const position = createPosition()
    position.take({ cursor: 'c1', kind: 'caught-up' })
    expect(position.cursor()).toBe('c1')
  })

  it('forgets everything at a reset', () => {
    const position = createPosition('c9')
    position.take(event('c10'))
    expect(position.take({ cursor: 'c3', kind: 'reset' })).toBe(true)
    expect(position.cursor()).toBe('c3')
    expect(position.take(event('c10'))).toBe(true)
    position.take({ cursor: null, kind: 'reset' })
    expect(position.cursor()).toBeNull()
  })

  it('remembers a bounded number of cursors', () => {
    const position = createPosition()
    for (let at = 0; at <= 1_000; at++) position.take(event(`c${at}`))
    expect(position.take(event('c1'))).toBe(false)
    expect(position.take(event('c0'))).toBe(true)
  })
})
