import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { OutgoingBytes } from './outgoing-bytes.ts'
import { fragmentBytes } from './text-frame.ts'

const most = 1_000_000

it('lets one message through that is larger than may wait, and others beside it within the bound', () => {
  const outgoing = new OutgoingBytes(most)
  expect(outgoing.isTooMuch(0, 5_000_000)).toBe(false)
  outgoing.wrote(5_000_000)
  expect(outgoing.isTooMuch(4_000_000, 2_000_000)).toBe(true)
  expect(outgoing.isTooMuch(4_000_000, 900_000)).toBe(false)
  outgoing.wrote(900_000)
  expect(outgoing.isTooMuch(4_900_000, 200_000)).toBe(true)
  // The large one has been taken.
  expect(outgoing.isTooMuch(500_000, 2_000_000)).toBe(false)
})

it('never has more waiting than one large message and twice the bound, and lets everything through to a peer that takes it', () => {
  const step = fc.record({ bytes: fc.nat(3_000_000), taken: fc.nat(1_000_000) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const outgoing = new OutgoingBytes(most)
      let waiting = 0
      let largest = 0
      for (const { bytes, taken } of steps) {
        if (outgoing.isTooMuch(waiting, bytes)) expect(waiting).toBeGreaterThan(0)
        else {
          outgoing.wrote(bytes)
          waiting += bytes
          if (bytes > most) largest = Math.max(largest, bytes)
        }
        expect(waiting).toBeLessThanOrEqual(largest + 2 * most + 16_384)
        waiting = Math.max(0, waiting - taken)
      }
      expect(outgoing.isTooMuch(0, 3_000_000)).toBe(false)
    }),
  )
})

it('asks for a ping every few kilobytes', () => {
  const outgoing = new OutgoingBytes(most)
  let pings = 0
  for (let count = 0; count < 1_000; count += 1) if (outgoing.wrote(200)) pings += 1
  expect(pings).toBeGreaterThan((200_000 / fragmentBytes) * 0.9)
})

it('takes each pong once that answers a ping, and none that was made up, or skipped for a later one', () => {
  const outgoing = new OutgoingBytes(most)
  const pings = Array.from({ length: 100 }, () => outgoing.nextPing())
  for (const madeUp of [Buffer.alloc(0), Buffer.alloc(4), Buffer.alloc(5)])
    expect(outgoing.settlePong(madeUp)).toBe(false)
  const settled = pings.map((payload, index) => index % 2 === 0 || outgoing.settlePong(payload))
  expect(settled).toEqual(pings.map(() => true))
  for (const payload of pings) expect(outgoing.settlePong(payload)).toBe(false)
})

it('remembers no more pings than can be on their way', () => {
  const outgoing = new OutgoingBytes(most)
  const pings = Array.from({ length: 5_000 }, () => outgoing.nextPing())
  expect(outgoing.settlePong(pings[0] as Buffer)).toBe(false)
  expect(outgoing.settlePong(pings.at(-1) as Buffer)).toBe(true)
})
