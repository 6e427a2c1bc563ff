import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { abortable } from './abortable.ts'

const never = (signal: AbortSignal) => once(new EventTarget(), 'nothing', { signal })

describe('an abortable stream', () => {
  it('gives what is produced, then ends', async () => {
    const stream = abortable(async function* () {
      yield 1
      yield 2
    })
    const given: number[] = []
    for await (const number of stream) given.push(number)
    expect(given).toEqual([1, 2])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('ends at once when it is returned while it waits, and cleans up first', async () => {
    let cleaned = false
    const stream = abortable(async function* (signal) {
      try {
        yield 1
        await never(signal)
      } finally {
        cleaned = true
      }
    })
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    const waiting = stream.next()
    expect(await stream.return()).toEqual({ done: true, value: undefined })
    expect(cleaned).toBe(true)
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('ends before it began', async () => {
    let began = false
    const stream = abortable(async function* () {
      began = true
      yield 1
    })
    await stream.return()
    await stream.return()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(began).toBe(false)
  })

  it('ends when its reader leaves the loop', async () => {
    let aborted = false
    const stream = abortable(async function* (signal) {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      for (let number = 0; ; number += 1) yield number
    })
    for await (const number of stream) if (number === 3) break
    expect(aborted).toBe(true)
  })

  it('throws what its producer throws', async () => {
    const stream = abortable<number>(async function* () {
      yield 1
      throw new Error('the source broke')
    })
    await stream.next()
    await expect(stream.next()).rejects.toThrow('the source broke')
  })

  it('throws on what is thrown into it, after it has ended', async () => {
    let aborted = false
    const stream = abortable(async function* (signal) {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      yield 1
    })
    await stream.next()
    await expect(stream.throw(new Error('enough'))).rejects.toThrow('enough')
    expect(aborted).toBe(true)
  })

  it('ends at the end of its scope', async () => {
    let aborted = false
    {
      await using stream = abortable(async function* (signal) {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        yield 1
      })
      await stream.next()
    }
    expect(aborted).toBe(true)
  })
})
