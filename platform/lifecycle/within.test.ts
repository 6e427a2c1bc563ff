import { stat } from 'node:fs/promises'
import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { within } from './within.ts'

const hold = (milliseconds: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

describe('within', () => {
  it('gives what came in time, whether or not it is a promise', async () => {
    expect(await within(10_000, pause(1, 'came'), 'late')).toBe('came')
    expect(await within(10_000, 'was there', 'late')).toBe('was there')
  })

  it('throws what it was given when nothing came in time, also for a time that is over', async () => {
    const never = new Promise(() => {})
    await expect(within(1, never, 'It is late')).rejects.toThrow('It is late')
    const error = new RangeError('late')
    await expect(within(-5, never, error)).rejects.toBe(error)
  })

  it('takes an answer that came while the process was held up', async () => {
    // What follows this runs just before the timers that are due, and reading comes after them.
    await endOfTurn()
    const asked = within(20, stat('.'), 'late')
    hold(200)
    expect((await asked).isDirectory()).toBe(true)
  })
})
