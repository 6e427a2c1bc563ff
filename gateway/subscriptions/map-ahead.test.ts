import { expect, it } from '@jest/globals'
import { abortable } from '../../platform/streams/abortable.ts'
import { mapAhead } from './map-ahead.ts'

const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

/** A stream of numbers that ends after `count`, with the error if there is one, and work on them that the test finishes. */
function start(count: number, limit: number, error?: Error) {
  const works = new Map<number, { resolve(): void; reject(error: Error): void }>()
  const seen = { closed: false }
  const source = abortable<number>(async function* (signal) {
    try {
      for (let number = 1; number <= count; number += 1) yield number
      if (error) throw error
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    } finally {
      seen.closed = true
    }
  })
  const stream = mapAhead(source, limit, (number) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    works.set(number, { resolve: () => resolve(`no. ${number}`), reject })
    return promise
  })
  return { stream, works, seen }
}

it('works on so many at a time, and gives them in their order', async () => {
  const { stream, works } = start(5, 3)
  const first = stream.next()
  await turns()
  expect([...works.keys()]).toEqual([1, 2, 3])
  for (const number of [3, 2, 1]) works.get(number)?.resolve()
  expect([await first, await stream.next(), await stream.next()].map(({ value }) => value)).toEqual([
    'no. 1',
    'no. 2',
    'no. 3',
  ])
  const fourth = stream.next()
  await turns()
  expect([...works.keys()]).toEqual([1, 2, 3, 4, 5])
  works.get(4)?.resolve()
  expect((await fourth).value).toBe('no. 4')
  await stream.return()
})

it('tells of what is thrown after what came before it', async () => {
  const lost = new Error('lost')
  const { stream, works } = start(2, 3, lost)
  const first = stream.next()
  await turns()
  for (const work of works.values()) work.resolve()
  expect([(await first).value, (await stream.next()).value]).toEqual(['no. 1', 'no. 2'])
  await expect(stream.next()).rejects.toBe(lost)

  const bad = start(2, 3)
  const next = bad.stream.next()
  await turns()
  bad.works.get(2)?.reject(new Error('bad'))
  bad.works.get(1)?.resolve()
  expect((await next).value).toBe('no. 1')
  await expect(bad.stream.next()).rejects.toThrow('bad')
  expect(bad.seen.closed).toBe(true)
})

it('ends at once when it is returned, and so does its source, whatever either waits for', async () => {
  for (const limit of [1, 3]) {
    const { stream, works, seen } = start(1, limit)
    const first = stream.next()
    await turns()
    works.get(1)?.resolve()
    await first
    const waiting = stream.next()
    await turns()
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(seen.closed).toBe(true)
  }
})
