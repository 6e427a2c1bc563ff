import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { messageIdOf, type RoomEvent, sentMessage } from '../domain/room-event.ts'
import { deleted, sent } from '../testing/drafts.ts'
import { createEventRing } from './event-ring.ts'
import { createRingTotal } from './ring-total.ts'

const event = (seq: number, draft = sent('x'.repeat(1_000))): RoomEvent => ({ ...draft, roomId: 'a', seq })
const newRing = () => createEventRing({ seq: 0, id: 'before' }, { maxEvents: 100, maxBytes: 100_000 })

it('rings together never hold more than the total, and each keeps an unbroken run up to its head', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9), { maxLength: 200 }),
      fc.integer({ min: 2_500, max: 60_000 }),
      (pushes, maxBytes) => {
        const rings = Array.from({ length: 10 }, newRing)
        const total = createRingTotal(maxBytes)
        for (const at of pushes) {
          const ring = rings[at] as (typeof rings)[0]
          ring.push(event(ring.head().seq + 1))
          total.note(ring)
          expect(rings.reduce((sum, each) => sum + each.size().bytes, 0)).toBeLessThanOrEqual(maxBytes)
          const { events } = ring.size()
          const oldest = ring.head().seq - events
          expect(ring.after(oldest, 100)).toHaveLength(events)
          if (oldest > 0) expect(ring.after(oldest - 1, 100)).toBeUndefined()
        }
      },
    ),
    { numRuns: 50 },
  )
})

it('the largest ring gives way to a small one', () => {
  const [large, small] = [newRing(), newRing()]
  const total = createRingTotal(25_500)
  for (let seq = 1; seq <= 10; seq += 1) {
    large.push(event(seq))
    total.note(large)
  }
  small.push(event(1))
  total.note(small)
  expect(small.size().events).toBe(1)
  expect(large.size().events).toBeLessThan(10)
  total.leave(large)
  for (let seq = 2; seq <= 9; seq += 1) {
    small.push(event(seq))
    total.note(small)
  }
  expect(small.size().events).toBe(9)
})

it('a ring that dropped a deletion still takes the text out of what is read from the log', () => {
  const ring = newRing()
  const message = event(1)
  ring.push(message)
  ring.push(event(2, deleted(sentMessage(message))))
  ring.dropTo(0)
  expect(ring.size()).toEqual({ events: 0, bytes: 0 })
  expect(ring.after(1, 10)).toBeUndefined()
  const [redacted] = ring.redacted([message])
  expect(messageIdOf((redacted as RoomEvent).change)).toBe(messageIdOf(message.change))
  expect(JSON.stringify(redacted)).not.toContain('xxx')
  for (let seq = 3; seq <= 102; seq += 1) ring.push(event(seq))
  expect(ring.redacted([message])).toEqual([message])
})
