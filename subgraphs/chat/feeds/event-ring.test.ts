import { describe, expect, it } from '@jest/globals'
import { type RoomEvent, sentMessage } from '../domain/room-event.ts'
import { deleted, edited, sent } from '../testing/drafts.ts'
import { createEventRing, firstWithin } from './event-ring.ts'

const event = (seq: number, draft = sent(`text ${seq}`)): RoomEvent => ({ ...draft, roomId: 'a', seq })
const seqsOf = (events: RoomEvent[] | undefined) => events?.map(({ seq }) => seq)
const ringFrom = (start: number, given: { maxEvents?: number; maxBytes?: number } = {}) =>
  createEventRing({ seq: start, id: 'before' }, { maxEvents: 100, maxBytes: 1_000_000, ...given })

describe('event ring', () => {
  it('gives what follows a position, at most so many', () => {
    const ring = ringFrom(10)
    for (const seq of [11, 12, 13, 14]) ring.push(event(seq))
    expect(ring.head().seq).toBe(14)
    expect(seqsOf(ring.after(10, 100))).toEqual([11, 12, 13, 14])
    expect(seqsOf(ring.after(12, 100))).toEqual([13, 14])
    expect(seqsOf(ring.after(11, 2))).toEqual([12, 13])
    expect(ring.after(14, 100)).toEqual([])
    expect(ring.after(99, 100)).toEqual([])
  })

  it('says when it does not reach back far enough', () => {
    const ring = ringFrom(10)
    expect(ring.after(10, 100)).toEqual([])
    expect(ring.after(9, 100)).toBeUndefined()
    ring.push(event(11))
    expect(ring.after(9, 100)).toBeUndefined()
    expect(seqsOf(ring.after(10, 100))).toEqual([11])
  })

  it.each([9, 10, 12, 100])('takes nothing but the next event: not %i after 10', (seq) => {
    const ring = ringFrom(10)
    expect(() => ring.push(event(seq))).toThrow()
    expect(ring.head().seq).toBe(10)
    expect(ring.after(10, 100)).toEqual([])
  })

  it('is bounded in number', () => {
    const ring = ringFrom(0, { maxEvents: 3 })
    for (let seq = 1; seq <= 50; seq += 1) ring.push(event(seq))
    expect(seqsOf(ring.after(47, 100))).toEqual([48, 49, 50])
    expect(ring.after(46, 100)).toBeUndefined()
  })

  it('is bounded in bytes, whatever kind of event has the text', () => {
    const text = 'x'.repeat(10_000)
    const first = event(1, sent('short'))
    for (const big of [sent(text), edited(sentMessage(first), text)]) {
      const ring = ringFrom(0, { maxBytes: 100_000 })
      for (let seq = 1; seq <= 50; seq += 1) ring.push(event(seq, big))
      const kept = [...Array(51).keys()].filter((position) => ring.after(position, 100))
      expect(kept.length).toBeGreaterThan(2)
      expect(kept.length).toBeLessThanOrEqual(11)
      expect(ring.head().seq).toBe(50)
    }
  })

  it('makes room again once big events have left', () => {
    const ring = ringFrom(0, { maxBytes: 30_000 })
    ring.push(event(1, sent('x'.repeat(12_000))))
    for (let seq = 2; seq <= 21; seq += 1) ring.push(event(seq, sent('small')))
    expect(ring.after(0, 100)).toBeUndefined()
    expect(seqsOf(ring.after(1, 100))).toHaveLength(20)
  })

  it('keeps the newest event, however big', () => {
    const ring = ringFrom(0, { maxBytes: 1_000 })
    ring.push(event(1))
    ring.push(event(2, sent('x'.repeat(100_000))))
    expect(seqsOf(ring.after(1, 100))).toEqual([2])
    expect(ring.after(0, 100)).toBeUndefined()
  })

  it('takes the texts that were replaced or deleted out of earlier events, and no others', () => {
    const ring = ringFrom(0)
    const [one, other] = [event(1, sent('secret')), event(2, sent('secret'))]
    const message = sentMessage(one)
    const events = [
      one,
      other,
      event(3, edited(message, 'secret too')),
      event(4, edited(sentMessage(other), 'present')),
      event(5, sent('kept')),
    ]
    for (const each of events) ring.push(each)
    const held = ring.after(2, 100)
    ring.push(event(6, deleted(message)))
    const after = ring.after(0, 100) ?? []
    expect(JSON.stringify(after)).not.toContain('secret')
    expect(seqsOf(after)).toEqual([1, 2, 3, 4, 5, 6])
    expect([after[3], after[4]]).toEqual([events[3], events[4]])
    expect({ ...after[0], change: undefined }).toEqual({ ...one, change: undefined })
    // What was handed out before is not changed under its holder.
    expect(held).toEqual(events.slice(2))
    // What was read elsewhere, before the log was scrubbed.
    expect(JSON.stringify(ring.redacted(events))).not.toContain('secret')
    expect(ring.redacted(events.slice(3))).toEqual(events.slice(3))
  })

  it('forgets of what it redacted with the edits that leave it', () => {
    const ring = ringFrom(0, { maxEvents: 2 })
    const first = event(1, sent('text'))
    ring.push(first)
    for (const seq of [2, 3]) ring.push(event(seq, edited(sentMessage(first), `text ${seq}`)))
    expect(ring.redacted([first])).not.toEqual([first])
    for (const seq of [4, 5]) ring.push(event(seq))
    expect(ring.redacted([first])).toEqual([first])
  })

  it('takes a deletion whose message has left the ring, or never was there', () => {
    const ring = ringFrom(5, { maxEvents: 2 })
    const message = { ...sentMessage(event(1)), id: 'gone' }
    for (const seq of [6, 7, 8]) ring.push(event(seq, deleted(message)))
    expect(seqsOf(ring.after(6, 100))).toEqual([7, 8])
  })

  it('parts events by bytes: from the first on, and one in any case', () => {
    const events = [1, 2, 3].map((seq) => event(seq, sent('x'.repeat(1_000))))
    expect(firstWithin(10_000, events)).toEqual(events)
    expect(firstWithin(5_000, events)).toEqual(events.slice(0, 2))
    expect(firstWithin(1, events)).toEqual(events.slice(0, 1))
    expect(firstWithin(1, [])).toEqual([])
  })
})
