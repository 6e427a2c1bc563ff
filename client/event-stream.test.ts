import { describe, expect, it } from '@jest/globals'
import type { AskedSubscription, BadServer } from './bad-server.harness.ts'
import { FollowEnded } from './event-stream.ts'
import { caughtUp, closeAfterEach, type SampleEvent, sent, snapshot, startClient } from './following.harness.ts'

closeAfterEach()

async function stream(after?: string) {
  const started = await startClient()
  const events = started.client.events<{ roomEvents: SampleEvent }>({ query: 'subscription', after })
  return { ...started, events }
}

/** Answers every subscription from a log of so many events: with all that the client has missed, at once. */
async function serveLog(server: BadServer, length: number): Promise<AskedSubscription[]> {
  const served: AskedSubscription[] = []
  const visit = await server.visit()
  const serve = (asked: AskedSubscription) => {
    served.push(asked)
    for (let at = Number(String(asked.variables.after).slice(1)) + 1; at <= length; at++) asked.next(sent(at))
    asked.next(caughtUp(length))
  }
  serve(await visit.subscription())
  visit.onSubscription = serve
  return served
}

describe('a stream of events', () => {
  it('opens nothing before it is read', async () => {
    const { clock, server, events } = await stream()
    expect(clock.pending()).toEqual([])
    const first = events.next()
    ;(await (await server.visit()).subscription()).next(snapshot(1))
    expect(await first).toEqual({ value: snapshot(1) })
  })

  it('goes on through a loss', async () => {
    const { server, events, retryAfter } = await stream()
    const first = events.next()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot(1))
    await first
    const second = events.next()
    visit.close(1012)
    await retryAfter(1_000)
    const again = await (await server.visit()).subscription()
    expect(again.variables.after).toBe('c1')
    again.next(sent(2))
    expect(await second).toEqual({ value: sent(2) })
  })

  it('keeps few events for a slow reader, leaves the rest with the server, and gives all of them once', async () => {
    const { server, events } = await stream('c0')
    const first = events.next()
    const served = await serveLog(server, 1_000)
    const seen = [(await first).value?.cursor]
    for await (const event of events) {
      if (event.__typename === 'CaughtUp') break
      seen.push(event.cursor)
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => `c${index + 1}`))
    const resumed = served.map(({ variables }) => Number(String(variables.after).slice(1)))
    expect(resumed.length).toBeGreaterThan(1)
    for (const [index, at] of resumed.slice(1).entries()) expect(at - (resumed[index] ?? 0)).toBeGreaterThanOrEqual(256)
  })

  it.each(['break', 'return while it waits', 'return before it was read'])('ends when it is left: %s', async (how) => {
    const { server, client, events, nothingIsLeft } = await stream()
    if (how === 'break') {
      void server.visit().then(async (visit) => (await visit.subscription()).next(snapshot(1)))
      for await (const _ of events) break
    } else {
      const waiting = how === 'return while it waits' ? events.next() : undefined
      if (waiting) await (await server.visit()).subscription()
      await events.return?.()
      if (waiting) expect(await waiting).toEqual({ done: true, value: undefined })
    }
    expect(await events.next()).toEqual({ done: true, value: undefined })
    await client.close()
    await nothingIsLeft()
  })

  it('gives what had come, then throws why it ended', async () => {
    const { server, events } = await stream()
    const first = events.next()
    const asked = await (await server.visit()).subscription()
    asked.next(snapshot(1))
    asked.next(sent(2))
    asked.refuse({ code: 'FORBIDDEN' })
    expect(await first).toEqual({ value: snapshot(1) })
    expect(await events.next()).toEqual({ value: sent(2) })
    const ended = await events.next().catch((error) => error)
    expect(ended).toBeInstanceOf(FollowEnded)
    expect(ended).toMatchObject({ message: expect.stringContaining('No.'), loss: { kind: 'refused' } })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('answers reads in the order they were asked for', async () => {
    const { server, events } = await stream()
    const reads = [events.next(), events.next(), events.next()]
    const asked = await (await server.visit()).subscription()
    for (const event of [snapshot(1), sent(2), sent(3)]) asked.next(event)
    expect((await Promise.all(reads)).map(({ value }) => value?.cursor)).toEqual(['c1', 'c2', 'c3'])
  })
})
