import { describe, expect, it } from '@jest/globals'
import { type AskedSubscription, type BadServer, until } from './bad-server.harness.ts'
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

  it.each(['before it is read', 'while it waits', 'while many events wait for its reader'])(
    'ends with the client, and opens nothing after that: %s',
    async (when) => {
      const { server, client, events, sockets, nothingIsLeft } = await stream('c0')
      const first = when === 'before it is read' ? undefined : events.next()
      if (first) {
        const visit = await server.visit()
        const asked = await visit.subscription()
        if (when === 'while many events wait for its reader') {
          for (let at = 1; at <= 300; at++) asked.next(sent(at))
          await until('it is stopped', () => visit.completed.includes(asked.id))
          await first
        }
      }
      await client.close()
      if (when === 'while it waits') expect(await first).toEqual({ done: true, value: undefined })
      for await (const event of events) throw new Error(`${event.cursor} came after the end`)
      await nothingIsLeft()
      expect(sockets).toHaveLength(first ? 1 : 0)
    },
  )

  it('begins with the next one where a client was closed', async () => {
    const { server, client, events } = await stream()
    await client.close()
    expect(await events.next()).toEqual({ done: true, value: undefined })
    const next = client.events<{ roomEvents: SampleEvent }>({ query: 'subscription' }).next()
    ;(await (await server.visit()).subscription()).next(snapshot(1))
    expect(await next).toEqual({ value: snapshot(1) })
  })

  it('ends with the error of variables that are no JSON', async () => {
    const { client } = await startClient()
    const events = client.events({ query: 'subscription', variables: { roomId: 1n } })
    await expect(events.next()).rejects.toThrow(TypeError)
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('says again that nothing is missing each time it was stopped for a slow reader', async () => {
    const { server, events } = await stream('c0')
    const first = events.next()
    const visit = await server.visit()
    const asked = await visit.subscription()
    asked.next(caughtUp(0))
    expect(await first).toEqual({ value: caughtUp(0) })
    for (let at = 1; at <= 256; at++) asked.next(sent(at))
    await until('it is stopped', () => visit.completed.includes(asked.id))
    visit.onSubscription = (again) => again.next(caughtUp(Number(String(again.variables.after).slice(1))))
    const seen: unknown[] = []
    for await (const event of events) {
      seen.push(event)
      if (event.__typename === 'CaughtUp') break
    }
    expect(seen.slice(-2)).toEqual([sent(256), caughtUp(256)])
    expect(seen).toHaveLength(257)
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
