import { expect, it } from '@jest/globals'
import type { Client, Sink } from 'graphql-ws'
import { openUpstream, TooSlow, UpstreamErrors } from './upstream.ts'

/** A client whose one subscription is fed by hand. */
function setUp(maxBytes = 1_000, beginsWithin?: number) {
  let sink: Sink | undefined
  let disposed = 0
  const client = {
    subscribe: (_: unknown, given: Sink) => {
      sink = given
      return () => {
        disposed += 1
      }
    },
  } as unknown as Client
  const stream = openUpstream(
    client,
    { query: 'subscription { a }' },
    { maxBytes, backlog: { bytes: 0 }, beginsWithin },
  )
  const first = stream.next()
  if (!sink) throw new Error('Nothing was subscribed')
  const event = (n: number, size = 0) => sink?.next({ data: { n, text: 'x'.repeat(size) } } as never)
  return { sink, stream, first, event, disposed: () => disposed }
}
const numberOf = (result: IteratorResult<{ data?: unknown }, void>) => (result.value?.data as { n: number })?.n

it('gives events in order, those that wait too', async () => {
  const { first, stream, event } = setUp()
  for (const n of [1, 2, 3]) event(n)
  expect([await first, await stream.next(), await stream.next()].map(numberOf)).toEqual([1, 2, 3])
  const fourth = stream.next()
  event(4)
  expect(numberOf(await fourth)).toBe(4)
})

it('still gives what waits when the upstream has ended, then completes', async () => {
  const { first, stream, event, sink, disposed } = setUp()
  for (const n of [1, 2]) event(n)
  sink.complete()
  expect([await first, await stream.next()].map(numberOf)).toEqual([1, 2])
  expect((await stream.next()).done).toBe(true)
  expect(disposed()).toBe(1)
})

it('still gives what waits when the upstream has failed, then throws what happened', async () => {
  const refused = setUp()
  refused.event(1)
  refused.sink.error([{ message: 'no', extensions: { code: 'FORBIDDEN' } }] as never)
  expect(numberOf(await refused.first)).toBe(1)
  await expect(refused.stream.next()).rejects.toThrow(UpstreamErrors)

  const lost = setUp()
  lost.sink.error({ code: 1006, reason: '' })
  await expect(lost.first).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(lost.disposed()).toBe(1)
})

it('lets no more wait for a reader than it may: gives what does, then throws TooSlow', async () => {
  const { first, stream, event, disposed } = setUp(1_000)
  event(1)
  await first
  for (const n of [2, 3, 4, 5]) event(n, 400)
  expect(disposed()).toBe(1)
  event(6)
  const waited = [await stream.next(), await stream.next(), await stream.next(), await stream.next()]
  expect(waited.map(numberOf)).toEqual([2, 3, 4, 5])
  await expect(stream.next()).rejects.toThrow(TooSlow)
  expect((await stream.next()).done).toBe(true)
})

it('counts what waits, not what went through', async () => {
  const { first, stream, event } = setUp(1_000)
  event(0, 600)
  await first
  for (let n = 1; n <= 20; n += 1) {
    event(n, 600)
    event(n, 600)
    expect([await stream.next(), await stream.next()].map(numberOf)).toEqual([n, n])
  }
})

it('ends at once when it is returned while it waits, and unsubscribes once', async () => {
  const { first, stream, event, disposed } = setUp()
  await stream.return()
  expect((await first).done).toBe(true)
  expect(disposed()).toBe(1)
  event(1)
  expect((await stream.next()).done).toBe(true)
})

it('has to begin in time where it tells where it stands, and may be silent from then on', async () => {
  const frozen = setUp(1_000, 1)
  await expect(frozen.first).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(frozen.disposed()).toBe(1)

  const begun = setUp(1_000, 1)
  begun.event(1)
  await begun.first
  // The same time once more, and longer.
  await setUp(1_000, 5).first.catch(() => {})
  begun.event(2)
  expect(numberOf(await begun.stream.next())).toBe(2)
})
