import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { checkLog } from './check-log.ts'
import { createTally, type Fault } from './faults.ts'
import { createReaderRecord, type ReaderRecord } from './reader-record.ts'
import { createRestores } from './restores.ts'
import { createRoomRecord } from './room-record.ts'
import type { SeenEvent } from './seen-event.ts'
import { createSends } from './sends.ts'

const at = new Date(0).toISOString()
const cursorOf = (position: number) => `cursor ${position}`
const event = (type: string, position: number, more: Partial<SeenEvent> = {}): SeenEvent => ({
  type,
  cursor: cursorOf(position),
  at,
  ...more,
})
/** A message at a place; the send has the number of the place unless another is given. */
const message = (position: number, send = position, more: object = {}): SeenEvent =>
  event('MessageSent', position, {
    message: {
      id: `id of ${send}`,
      seq: position,
      text: String(send),
      senderId: 'ann',
      sender: { displayName: 'Ann' },
      ...more,
    },
  })
const other = (position: number) => event('RoomUpdated', position)
const left = (position: number, userId = 'guest') => event('MemberLeft', position, { userId })
const joined = (position: number, userId = 'guest') => event('MemberJoined', position, { userId })
const caughtUp = (position: number) => event('CaughtUp', position)
const snapshot = (position: number, ...seqs: number[]) =>
  event('RoomSnapshot', position, { messages: seqs.map((seq) => ({ seq, text: String(seq) })) })

/** A room with so many sends, the first of which are acknowledged at the place of their number; none lies at the other places. */
function scene(sent: number, acknowledged: (number | undefined)[] = []) {
  const tally = createTally()
  const restores = createRestores()
  const sends = createSends(tally, restores)
  for (let count = 0; count < sent; count += 1) sends.begin(0, 0)
  for (const [index, seq] of acknowledged.entries()) if (seq !== undefined) sends.acknowledge(index + 1, seq)
  const room = createRoomRecord({ room: 0, roomId: 'room', members: ['reader', 'guest', 'ann'], sends, restores })
  const writers = [
    { userId: 'ann', displayName: 'Ann' },
    { userId: 'guest', displayName: 'Guest' },
  ]
  const readers: ReaderRecord[] = []
  const reader = (more: { viewerId?: string; whole?: boolean; away?: string } = {}) => {
    const record = createReaderRecord({
      name: `reader ${readers.length + 1}`,
      viewerId: 'reader',
      whole: true,
      room,
      sends,
      restores,
      tally,
      writers,
      signOutGrace: 1_000,
      neededBySenders: ['profile'],
      sendersMustCome: true,
      ...more,
      away: () => (more.away ? ['chat', more.away] : []),
    })
    readers.push(record)
    return record
  }
  const gets = (record: ReaderRecord, ...events: SeenEvent[]) => {
    for (const each of events) record.saw(each, each.message?.sender === null)
  }
  /** The faults that were counted. */
  const judge = () => {
    for (const record of readers) record.finish()
    checkLog(room, sends, writers, tally, restores)
    return Object.fromEntries(Object.entries(tally.counts()).filter(([, count]) => count > 0)) as Record<Fault, number>
  }
  return { tally, restores, sends, room, reader, gets, judge }
}

describe('the verdict', () => {
  it('is good when everything came once and in order, over resumes and to newcomers, too', () => {
    const { reader, gets, judge } = scene(8, [1, 2, 3, undefined, 5])
    const [one, two, newcomer] = [reader(), reader(), reader({ whole: false })]
    one.began(undefined)
    gets(one, snapshot(0), message(1), message(2))
    one.began(one.cursor())
    gets(one, message(3), caughtUp(3), other(4), message(5), event('Typing', 0, { cursor: null }), message(6))
    two.began(undefined)
    gets(two, snapshot(0), message(1), message(2), message(3), other(4), message(5), message(6))
    newcomer.began(undefined)
    gets(newcomer, snapshot(4, 1, 2, 3), message(5), message(6))
    newcomer.began(undefined)
    gets(newcomer, snapshot(3, 1, 2, 3), other(4), message(5))
    expect(judge()).toEqual({})
    expect(one.counts().delivered).toBe(6)
  })

  it.each<[what: string, events: SeenEvent[], faults: Partial<Record<Fault, number>>]>([
    ['a loss at the end', [message(1), message(2)], { lost: 1 }],
    ['a loss in between', [message(1), message(3)], { lost: 1, holes: 1 }],
    ['a lost event that is no message', [message(1), message(2), message(3), message(5)], { holes: 1 }],
    ['a repeat', [message(1), message(2), message(2), message(3)], { twice: 1 }],
    ['a repeat of what is no message', [message(1), message(2), message(3), other(4), other(4)], { twice: 1 }],
    ['another order', [message(1), message(3), message(2)], { outOfOrder: 1, holes: 1 }],
    ['one send at two places', [message(1), message(2), message(3), message(4, 1)], { twice: 1, wrong: 1 }],
    ['what nobody sent', [message(1), message(2), message(3), message(4, 99)], { wrong: 1 }],
    ['another sender', [message(1), message(2), message(3, 3, { senderId: 'ben' })], { wrong: 1 }],
    ['another name', [message(1), message(2), message(3, 3, { sender: { displayName: 'Ben' } })], { wrong: 1 }],
    ['no sender', [message(1), message(2), message(3, 3, { sender: null })], { unresolved: 1 }],
    ['a cursor that stands elsewhere', [message(1), message(2), message(3), caughtUp(2)], { wrong: 1 }],
  ])('is bad for %s', (_, events, expected) => {
    const { reader, gets, judge } = scene(5, [1, 2, 3])
    const record = reader()
    record.began(undefined)
    gets(record, snapshot(0), ...events)
    expect(judge()).toEqual(expected)
  })

  it('takes a message without its sender when what senders need is away, and says how many there were', () => {
    const { reader, gets, judge } = scene(1, [1])
    const record = reader({ away: 'profile' })
    record.began(undefined)
    gets(record, snapshot(0), message(1, 1, { sender: null }))
    expect(judge()).toEqual({})
    expect(record.counts().withoutSender).toEqual({ profile: 1 })
  })

  it('is bad when it came at another place than was acknowledged', () => {
    const { reader, gets, judge } = scene(2, [2, undefined])
    const record = reader()
    record.began(undefined)
    gets(record, snapshot(0), message(1, 1), message(2, 2))
    expect(judge()).toEqual({ wrong: 1 })
  })

  it('is bad when a later send was acknowledged at an earlier place', () => {
    const { sends, judge } = scene(1, [5])
    sends.acknowledge(sends.begin(0, 0), 4)
    expect(judge()).toEqual({ outOfOrder: 1 })
  })

  it('is bad when readers differ', () => {
    const { reader, gets, judge } = scene(2)
    for (const last of [message(2, 2), { ...message(2, 2), cursor: 'x' }, other(2)]) {
      const record = reader()
      record.began(undefined)
      gets(record, snapshot(0), message(1), last)
    }
    expect(judge()).toEqual({ wrong: 2 })
  })

  it.each<[what: string, after: SeenEvent[], faults: Partial<Record<Fault, number>>]>([
    ['begins one event late', [message(5)], { holes: 1, lost: 1 }],
    ['begins one event early', [message(3), message(4), message(5)], { twice: 1 }],
  ])('is bad when a newcomer %s', (_, after, expected) => {
    const { reader, gets, judge } = scene(5)
    const [record, newcomer] = [reader(), reader({ whole: false })]
    record.began(undefined)
    gets(record, snapshot(0), message(1), message(2), message(3), message(4), message(5))
    newcomer.began(undefined)
    gets(newcomer, snapshot(3, 1, 2, 3), ...after)
    expect(judge()).toEqual(expected)
  })

  describe('of a snapshot', () => {
    /** A room of so many messages, but for another event at the third place; the newcomer gets this. */
    const newcomerGets = (count: number, ...events: SeenEvent[]) => {
      const { reader, gets, judge } = scene(count)
      const [record, newcomer] = [reader(), reader({ whole: false })]
      const places = Array.from({ length: count }, (_, index) => index + 1)
      record.began(undefined)
      gets(record, snapshot(0), ...places.map((place) => (place === 3 ? other(place) : message(place))))
      newcomer.began(undefined)
      gets(newcomer, ...events)
      return judge()
    }
    const texts = (position: number, ...held: [seq: number, text: number][]) =>
      event('RoomSnapshot', position, { messages: held.map(([seq, text]) => ({ seq, text: String(text) })) })
    const hundred = Array.from({ length: 100 }, (_, index) => index + 4)

    it.each<[what: string, count: number, events: SeenEvent[]]>([
      ['has every message up to its place', 6, [snapshot(5, 1, 2, 4, 5), message(6)]],
      ['stands after what is no message', 4, [snapshot(3, 1, 2), message(4)]],
      ['has the last hundred of more', 104, [snapshot(103, ...hundred), message(104)]],
      ['is all that a newcomer gets', 5, [snapshot(4, 1, 2, 4)]],
    ])('is good when it %s', (_, count, events) => {
      expect(newcomerGets(count, ...events)).toEqual({})
    })

    it.each<[what: string, count: number, events: SeenEvent[], faults: Partial<Record<Fault, number>>]>([
      ['leaves out the last message', 6, [snapshot(5, 1, 2, 4), message(6)], { lost: 1 }],
      ['leaves out one in the middle', 6, [snapshot(5, 1, 4, 5), message(6)], { lost: 1 }],
      ['leaves out the first ones of a room that has no hundred', 6, [snapshot(5, 4, 5), message(6)], { lost: 2 }],
      ['leaves out one of a hundred', 104, [snapshot(103, 2, ...hundred.toSpliced(50, 1)), message(104)], { lost: 1 }],
      ['leaves out one, and nothing follows', 5, [snapshot(5, 1, 4, 5)], { lost: 1 }],
      ['has texts at the places of others', 6, [texts(5, [1, 2], [2, 1], [4, 4], [5, 5]), message(6)], { wrong: 2 }],
      ['has a message where the log has none', 6, [texts(5, [1, 1], [2, 2], [3, 3], [4, 4], [5, 5])], { wrong: 1 }],
      ['has a text that nobody sent', 6, [texts(4, [1, 1], [2, 99], [4, 4])], { wrong: 1 }],
      ['is out of order', 6, [snapshot(5, 1, 2, 5, 4), message(6)], { outOfOrder: 1 }],
      ['has a message that follows again', 6, [snapshot(4, 1, 2, 4, 5), message(5), message(6)], { twice: 1 }],
    ])('is bad when it %s', (_, count, events, expected) => {
      expect(newcomerGets(count, ...events)).toEqual(expected)
    })
  })

  it('is bad when a cursor is answered with a snapshot, or never caught up', () => {
    const { reader, gets, judge } = scene(2)
    const [one, two] = [reader(), reader()]
    for (const record of [one, two]) {
      record.began(undefined)
      gets(record, snapshot(0), message(1))
      record.began(record.cursor())
    }
    gets(one, { ...snapshot(1, 1), reset: true }, message(2))
    gets(two, message(2))
    expect(judge()).toEqual({ resets: 1, withoutCaughtUp: 1 })
  })

  describe('of a store that went back', () => {
    /** As an event of what was committed since the restore: its cursor is another. */
    const anew = (given: SeenEvent): SeenEvent => ({ ...given, cursor: `${given.cursor} anew` })
    const reset = (position: number, sends: number[]): SeenEvent =>
      anew({
        ...event('RoomSnapshot', position, { reset: true }),
        messages: sends.map((send, index) => ({ seq: index + 1, text: String(send) })),
      })
    /** Two messages were kept; two more, and the third send, came between the backup and its restore. */
    const restored = async () => {
      const all = scene(7, [1, 2])
      const readers = [all.reader(), all.reader()]
      for (const record of readers) {
        record.began(undefined)
        all.gets(record, snapshot(0), message(1), message(2))
      }
      await pause(2)
      const end = all.restores.begin()
      for (const send of [3, 4]) all.sends.acknowledge(send, send)
      for (const record of readers) all.gets(record, message(3), message(4))
      await pause(2)
      end()
      await pause(2)
      all.sends.acknowledge(5, 3)
      all.sends.acknowledge(6, 4)
      all.sends.acknowledge(7, 5)
      return { ...all, readers: readers as [ReaderRecord, ReaderRecord] }
    }
    const since = [anew(message(3, 5)), anew(message(4, 6)), anew(message(5, 7))]

    it('is good when whoever had what it lost is reset, and then gets everything', async () => {
      const { readers, gets, judge } = await restored()
      const [one, two] = readers
      gets(one, reset(2, [1, 2]), ...since)
      two.began(two.cursor())
      gets(two, reset(3, [1, 2, 5]), ...since.slice(1))
      expect(judge()).toEqual({})
      expect([one, two].map((record) => record.counts().resets)).toEqual([1, 1])
    })

    it('is good when all get in snapshots alone what came since, and bad when one has it at the place of another', async () => {
      const { readers, gets, judge } = await restored()
      for (const record of readers) gets(record, reset(5, [1, 2, 5, 6, 7]))
      expect(judge()).toEqual({})
      const swapped = await restored()
      for (const record of swapped.readers) swapped.gets(record, reset(5, [1, 2, 6, 5, 7]))
      expect(swapped.judge()).toMatchObject({ wrong: 4 })
    })

    it('is bad for a reader who goes on without a reset, and misses what took the place', async () => {
      const { readers, gets, judge } = await restored()
      const [one, two] = readers
      gets(one, reset(2, [1, 2]), ...since)
      two.began(two.cursor())
      gets(two, anew(message(5, 7)))
      expect(judge()).toEqual({ lost: 3, withoutCaughtUp: 1 })
    })

    it('is bad for a snapshot that does not say that it resets', async () => {
      const { readers, gets, judge } = await restored()
      const [one, two] = readers
      gets(one, reset(2, [1, 2]), ...since)
      gets(two, { ...reset(2, [1, 2]), reset: false }, ...since)
      expect(judge()).toEqual({ wrong: 1 })
    })

    describe('and grows by more than a snapshot shows, before a reader is back', () => {
      /** Two messages are kept, two come that no snapshot reaches back to, and a hundred more. */
      const outgrown = async () => {
        const all = scene(110, [1, 2])
        const record = all.reader()
        record.began(undefined)
        all.gets(record, snapshot(0), message(1), message(2))
        await pause(2)
        all.restores.begin()()
        await pause(2)
        const shown = Array.from({ length: 100 }, (_, index) => index + 5)
        for (const send of shown) all.sends.acknowledge(send, send)
        record.began(record.cursor())
        const messages = shown.map((send) => ({ seq: send, text: String(send) }))
        all.gets(record, anew(event('RoomSnapshot', 104, { reset: true, messages })))
        await pause(2)
        return all
      }

      it('is good when what came between is acknowledged only after the snapshot', async () => {
        const { sends, judge } = await outgrown()
        for (const send of [3, 4]) sends.acknowledge(send, send)
        expect(judge()).toEqual({})
      })

      it('is bad when the log goes back once more, and what takes the place then does not come', async () => {
        const { sends, restores, judge } = await outgrown()
        restores.begin()()
        await pause(2)
        sends.acknowledge(3, 3)
        expect(judge()).toEqual({ lost: 1 })
      })
    })

    it('is bad when what was acknowledged after it does not come', async () => {
      const { readers, gets, judge } = await restored()
      const [one, two] = readers
      gets(one, reset(2, [1, 2]), ...since)
      gets(two, reset(2, [1, 2]), ...since.slice(0, 2))
      expect(judge()).toEqual({ lost: 1 })
    })
  })

  describe('of somebody who is removed', () => {
    const removed = () => {
      const all = scene(9, [1, 2])
      const [steady, guest] = [all.reader(), all.reader({ viewerId: 'guest' })]
      steady.began(undefined)
      all.gets(steady, snapshot(0), message(1), message(2), left(3), other(4), joined(5), other(6), message(7))
      guest.began(undefined)
      all.gets(guest, snapshot(0), message(1), message(2))
      return { ...all, guest }
    }

    it('is good when they got their own removal and nothing after it, and the rest when they were back', () => {
      const { guest, gets, room, judge } = removed()
      gets(guest, left(3))
      expect(guest.isRemoved()).toBe(true)
      guest.began(guest.cursor())
      gets(guest, other(4), joined(5), caughtUp(5), other(6), message(7))
      expect(judge()).toEqual({})
      expect(room.removals()).toBe(1)
    })

    it('is good when the removal comes again in what they missed', () => {
      const { guest, gets, judge } = removed()
      guest.began(guest.cursor())
      gets(guest, left(3), other(4), joined(5), caughtUp(5), other(6), message(7))
      expect([guest.isRemoved(), judge()]).toEqual([false, {}])
    })

    it('is bad when something comes after it', () => {
      const { guest, gets, judge } = removed()
      gets(guest, left(3), other(4), joined(5), other(6), message(7))
      expect(judge()).toEqual({ afterRemoval: 4 })
    })

    it('is bad when they are let in again too early', () => {
      const { guest, gets, judge } = removed()
      gets(guest, left(3))
      guest.setInvited(false)
      guest.began(guest.cursor())
      gets(guest, other(4), caughtUp(4), joined(5), other(6), message(7))
      expect(judge()).toEqual({ letIn: 1 })
    })

    it('is good when their new membership was seen before the place where it began', () => {
      const { guest, gets, judge } = removed()
      gets(guest, left(3))
      guest.setInvited(false)
      guest.setInvited(true)
      guest.began(guest.cursor())
      gets(guest, other(4), caughtUp(4), joined(5), other(6), message(7))
      expect(judge()).toEqual({})
    })

    it('is bad when they could still write', () => {
      const { sends, reader, gets, judge } = scene(3)
      const record = reader()
      const guests = sends.begin(0, 1)
      record.began(undefined)
      gets(record, snapshot(0), message(1), left(2), message(3, guests, { senderId: 'guest', sender: undefined }))
      expect(judge()).toEqual({ sentAfterRemoval: 1 })
    })
  })

  it('of somebody who signed out is bad when they are told what happens long after it', () => {
    const { reader, gets, judge } = scene(3)
    const record = reader()
    const later = (milliseconds: number, given: SeenEvent) => ({ ...given, at: new Date(milliseconds).toISOString() })
    record.began(undefined)
    gets(record, snapshot(0), message(1))
    record.signedOut(10_000)
    gets(record, later(10_900, other(2)))
    expect(judge()).toEqual({})
    expect(record.counts().latest).toBe(900)
    gets(record, later(11_100, other(3)))
    record.signedOut()
    record.began(record.cursor())
    gets(record, later(30_000, caughtUp(3)))
    expect(judge()).toEqual({ afterSignOut: 1 })
  })
})
