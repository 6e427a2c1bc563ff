import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Logger } from '../logging/logger.ts'
import { watchPauses } from './pauses.ts'

function open() {
  const logged: string[] = []
  const clock = { now: 0 }
  const logger = { warn: (_: unknown, message: string) => void logged.push(message) } as unknown as Logger
  const pauses = watchPauses({ name: 'chat', logger, now: () => clock.now })
  pauses.close()
  const pass = (milliseconds: number) => {
    clock.now += milliseconds
    return pauses.lately()
  }
  return { pass, logged }
}

it('a pause is known before any timer ran, is logged once, and is forgotten ten seconds later', () => {
  const { pass, logged } = open()
  expect(pass(500)).toBe(0)
  expect(pass(48_000)).toBe(48)
  for (let times = 0; times < 10; times += 1) expect(pass(1_000)).toBe(48)
  expect(pass(1_000)).toBe(0)
  expect(logged).toEqual(['chat did not run for 48 s: what waited for it meanwhile is late'])
})

it('pauses that follow one another add up', () => {
  const { pass } = open()
  expect(pass(10_000)).toBe(10)
  pass(1_000)
  expect(pass(20_000)).toBe(30)
})

it('a process that runs was never paused, however its timers are delayed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_400 })), (delays) => {
      const { pass, logged } = open()
      expect(delays.map(pass).every((paused) => paused === 0)).toBe(true)
      expect(logged).toEqual([])
    }),
  )
})
