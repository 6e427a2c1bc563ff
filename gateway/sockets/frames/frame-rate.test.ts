import { expect, it } from '@jest/globals'
import { createFrameRate } from './frame-rate.ts'

const setUp = () => {
  const clock = { now: 1_000 }
  return { clock, allow: createFrameRate(50, 200, () => clock.now) }
}
const take = (allow: () => boolean, count: number) => Array.from({ length: count }, allow).filter(Boolean).length

it('allows a burst, then nothing in the same instant', () => {
  const { allow } = setUp()
  expect(take(allow, 300)).toBe(200)
})

it('allows what a second brings, then no more', () => {
  const { clock, allow } = setUp()
  take(allow, 200)
  clock.now += 1_000
  expect(take(allow, 300)).toBe(50)
  clock.now += 20
  expect(take(allow, 300)).toBe(1)
})

it('never saves up more than a burst', () => {
  const { clock, allow } = setUp()
  clock.now += 3_600_000
  expect(take(allow, 1_000)).toBe(200)
})
