import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { createCompleteOnce } from './completed-events.ts'

const event = (text: string, cursor = text) => ({ data: { text }, extensions: { resumable: { cursor } } })

/** Completes events, and notes which. */
function start(bounds: { maxBytes?: number; maxAge?: number } = {}) {
  const completeOnce = createCompleteOnce({ maxBytes: 100_000, maxAge: 60_000, ...bounds })
  const completed: string[] = []
  const complete = (text: string, { operation = 'one', fails }: { operation?: string; fails?: Error } = {}) =>
    completeOnce(operation, event(text), async () => {
      completed.push(text)
      await pause(1)
      if (fails) throw fails
      return Buffer.from(`${operation} ${text} ${completed.length}`)
    })
  return { complete, completed }
}

it('completes an event once, for those who ask meanwhile and for those who ask soon', async () => {
  const { complete, completed } = start()
  const asked = await Promise.all([complete('a'), complete('a')])
  asked.push(await complete('a'))
  expect(asked.map(String)).toEqual(['one a 1', 'one a 1', 'one a 1'])
  expect(completed).toEqual(['a'])
})

it('tells operations apart, and events by what they say', async () => {
  const { complete } = start()
  expect(String(await complete('a'))).toBe('one a 1')
  expect(String(await complete('a', { operation: 'two' }))).toBe('two a 2')
  expect(String(await complete('b'))).toBe('one b 3')
})

it('keeps no failure', async () => {
  const { complete } = start()
  await expect(complete('a', { fails: new Error('away') })).rejects.toThrow('away')
  expect(String(await complete('a'))).toBe('one a 2')
})

it('keeps nothing for long, and not more than it may', async () => {
  const aged = start({ maxAge: 1 })
  await aged.complete('a')
  await pause(10)
  await aged.complete('a')
  expect(aged.completed).toEqual(['a', 'a'])

  const bounded = start({ maxBytes: 1_100 })
  for (const text of ['a', 'b', 'c', 'c', 'a']) await bounded.complete(text)
  expect(bounded.completed).toEqual(['a', 'b', 'c', 'a'])
})
