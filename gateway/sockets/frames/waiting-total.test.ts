import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type WaitingSocket, WaitingTotal } from './waiting-total.ts'

const most = 1_000_000

/** A socket whose peer takes what the test says. */
class TestSocket implements WaitingSocket {
  waits = 0
  state: 'open' | 'closing' | 'cut' = 'open'
  backlog = () => this.waits
  isOpen = () => this.state === 'open'
  drop() {
    this.state = 'closing'
  }
  cut() {
    this.state = 'cut'
    this.waits = 0
  }
  /** As a stream is written to, which says whether its peer has to take something first. */
  write(total: WaitingTotal, bytes: number) {
    if (this.state !== 'open') return
    this.waits += bytes
    if (this.waits >= 16_384) total.wrote(this, bytes)
  }
}

const step = fc.record({ socket: fc.nat(19), bytes: fc.integer({ min: 1, max: 60_000 }), taken: fc.nat(60_000) })

it('never has much more waiting than it may, whoever takes how much', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const total = new WaitingTotal(most)
      const sockets = Array.from({ length: 20 }, () => new TestSocket())
      for (const { socket: index, bytes, taken } of steps) {
        const socket = sockets[index] as TestSocket
        socket.write(total, bytes)
        const sum = sockets.reduce((all, { waits }) => all + waits, 0)
        // Besides the last message, what comes until somebody looks, and what nobody counts.
        expect(sum).toBeLessThanOrEqual((most * 17) / 16 + 60_000 + sockets.length * 16_384)
        socket.waits = Math.max(0, socket.waits - taken)
      }
    }),
  )
})

it('closes those for which most waits, and nobody as long as everything is taken', () => {
  const total = new WaitingTotal(most)
  const [greedy, modest, prompt] = [new TestSocket(), new TestSocket(), new TestSocket()]
  modest.write(total, 100_000)
  for (let count = 0; count < 1_000; count += 1) {
    prompt.write(total, 50_000)
    prompt.waits = 0
  }
  expect([greedy, modest, prompt].map(({ state }) => state)).toEqual(['open', 'open', 'open'])
  while (greedy.state === 'open' && greedy.waits < 2 * most) greedy.write(total, 50_000)
  expect([greedy, modest, prompt].map(({ state }) => state)).toEqual(['closing', 'open', 'open'])
  expect(greedy.waits).toBeLessThanOrEqual(most)
})

it('keeps no first events for clients while half of what may wait does', () => {
  const total = new WaitingTotal(most)
  const releases = Array.from({ length: 6 }, () => total.hold(100_000))
  expect(releases.every((release) => release !== undefined)).toBe(true)
  expect(total.hold(1)).toBeUndefined()
  for (const release of releases) release?.()
  expect(total.hold(1)).toBeDefined()
})
