import { describe, expect, it } from '@jest/globals'
import { until } from './bad-server.harness.ts'
import { caughtUp, closeAfterEach, seenBy, sent, snapshot, startClient } from './following.harness.ts'

closeAfterEach()

describe('a server that repeats itself', () => {
  it('is heard once', async () => {
    const { server, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    for (const event of [snapshot(10), snapshot(10), sent(11), sent(11), sent(12), sent(11), sent(12)])
      asked.next(event)
    asked.next(caughtUp(12))
    asked.next(caughtUp(12))
    asked.next(sent(12))
    asked.next(sent(13))
    await seenBy(following, 6)
    expect(following.seen.join()).toBe(
      'RoomSnapshot c10,MessageSent c11,MessageSent c12,CaughtUp c12,CaughtUp c12,MessageSent c13',
    )
  })

  it('is heard once when it resumes too early, and is resumed after what was heard', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    for (const event of [snapshot(10), sent(11), sent(12), sent(13)]) asked.next(event)
    await seenBy(following, 4)
    visit.cut()
    await retryAfter(1_000)
    const early = await server.visit()
    ;(await early.subscription()).next(sent(11))
    await early.roundTrip()
    early.cut()
    await retryAfter(2_000)
    const again = await (await server.visit()).subscription()
    expect(again.variables.after).toBe('c13')
    for (const event of [sent(11), sent(12), sent(13), sent(14), caughtUp(14)]) again.next(event)
    await seenBy(following, 6)
    expect(following.seen.slice(4)).toEqual(['MessageSent c14', 'CaughtUp c14'])
  })

  it('gives the event that its CaughtUp was ahead of', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow({ after: 'c1' })
    const visit = await server.visit()
    ;(await visit.subscription()).next(caughtUp(2))
    await seenBy(following, 1)
    visit.cut()
    await retryAfter(1_000)
    const again = await (await server.visit()).subscription()
    expect(again.variables.after).toBe('c1')
    again.next(sent(2))
    await seenBy(following, 2)
  })

  it('gives what is in no log as often as it comes', async () => {
    const { server, follow } = await startClient()
    const following = follow({ after: 'c1' })
    const asked = await (await server.visit()).subscription()
    for (let count = 0; count < 3; count++) asked.next({ __typename: 'Typing', cursor: null })
    await seenBy(following, 3)
  })

  it('begins anew with a reset', async () => {
    const { server, follow, retryAfter } = await startClient()
    const details: unknown[] = []
    const following = follow({ after: 'c5', onEvent: (event, { cursor }) => details.push([event.reset, cursor]) })
    const visit = await server.visit()
    const asked = await visit.subscription()
    asked.next(sent(6))
    asked.next(snapshot(3, true))
    asked.next(sent(6))
    await seenBy(following, 3)
    expect(details).toEqual([
      [undefined, 'c6'],
      [true, 'c3'],
      [undefined, 'c6'],
    ])
    expect(following.statuses).toEqual(['live'])
    visit.cut()
    await retryAfter(1_000)
    expect((await (await server.visit()).subscription()).variables.after).toBe('c6')
  })
})

describe('a server that breaks the protocol', () => {
  const garbage: Record<string, string | Buffer> = {
    'no JSON': 'Bad Gateway',
    nothing: '',
    null: 'null',
    'a list': '[]',
    'no type': '{}',
    'an unknown type': '{"type":"nonsense"}',
    'what only clients send': '{"type":"subscribe","id":"1"}',
    'an event without a payload': '{"type":"next","id":"1"}',
    'an event of no subscription': '{"type":"next","payload":{}}',
    'errors that are none': '{"type":"error","id":"1","payload":"No."}',
    'a binary frame': Buffer.from('{"type":"pong"}'),
  }

  it.each(Object.entries(garbage))('is left for a while, and resumed: %s', async (_, frame) => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot(1))
    await seenBy(following, 1)
    visit.send(frame)
    await visit.closed
    expect(following.losses.at(-1)).toMatchObject({ kind: 'closed', code: 4004 })
    await retryAfter(5_000)
    const again = await (await server.visit()).subscription()
    expect(again.variables.after).toBe('c1')
    again.next(caughtUp(1))
    await until('it is live', () => following.statuses.at(-1) === 'live')
  })

  it('is left at once when it does not close: garbage on a connection that is dead otherwise', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    await visit.subscription()
    visit.freeze()
    visit.send('Bad Gateway')
    await until('it is noticed', () => following.statuses.length === 1)
    await retryAfter(5_000)
    await server.visit()
  })

  it('is left when it speaks before it acknowledges', async () => {
    const { server, follow, retryAfter } = await startClient()
    server.acks = false
    follow()
    const visit = await server.visit()
    visit.send('{"type":"next","id":"1","payload":{"data":{}}}')
    await visit.closed
    server.acks = true
    await retryAfter(5_000)
    await (await server.visit()).subscription()
  })

  it.each([
    '{"type":"next","id":"other","payload":{"data":{"roomEvents":{"__typename":"MessageSent","cursor":"c9"}}}}',
    '{"type":"error","id":"other","payload":[{"message":"No."}]}',
    '{"type":"complete","id":"other"}',
    '{"type":"connection_ack"}',
    '{"type":"pong"}',
    '{"type":"ping","payload":{"any":"thing"}}',
  ])('is not heard where it speaks to nobody: %s', async (frame) => {
    const { server, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    asked.next(snapshot(1))
    visit.send(frame)
    asked.next(sent(2))
    await seenBy(following, 2)
    expect(following.seen).toEqual(['RoomSnapshot c1', 'MessageSent c2'])
    expect(following.statuses).toEqual(['live'])
  })

  it('is resumed when it completes early, each time after a longer delay', async () => {
    const { server, clock, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    for (const [index, delay] of [1_000, 2_000, 4_000, 8_000].entries()) {
      const asked = await visit.subscription()
      expect(asked.variables.after).toBe(index === 0 ? null : `c${index}`)
      asked.next(sent(index + 1))
      asked.complete()
      await until('it has ended', () => following.losses.length === index + 1)
      await retryAfter(delay, visit)
    }
    await visit.subscription()
    expect(following.losses).toEqual(Array(4).fill({ kind: 'completed' }))
    expect(following.seen).toHaveLength(4)
    expect(clock.pending()).toHaveLength(1)
  })

  it('is heard once when it goes on after the end', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    visit.inOneWrite(() => {
      asked.next(snapshot(1))
      asked.refuse({ code: 'UNAVAILABLE' })
      asked.next(sent(2))
      asked.complete()
      asked.refuse({ code: 'FORBIDDEN' })
    })
    await retryAfter(1_000)
    const again = await visit.subscription()
    expect(again.variables.after).toBe('c1')
    asked.next(sent(3))
    for (const event of [sent(2), sent(3), caughtUp(3)]) again.next(event)
    await seenBy(following, 4)
    expect(following.seen.join()).toBe('RoomSnapshot c1,MessageSent c2,MessageSent c3,CaughtUp c3')
    visit.inOneWrite(() => {
      again.complete()
      again.next(sent(4))
    })
    await retryAfter(2_000)
    const last = await visit.subscription()
    for (const event of [sent(4), sent(5)]) last.next(event)
    await until('all is there', () => following.seen.at(-1) === 'MessageSent c5')
    expect(following.seen.slice(4)).toEqual(['MessageSent c4', 'MessageSent c5'])
  })

  it.each([{ __typename: 'MessageSent' }, { cursor: 'c1' }, null, 'text', undefined])(
    'ends the subscription at what could not be resumed after: %j',
    async (event) => {
      const { server, follow } = await startClient()
      const following = follow()
      ;(await (await server.visit()).subscription()).next(event)
      await until('it has ended', () => following.statuses.at(-1) === 'ended')
      expect(following.losses.at(-1)).toMatchObject({ kind: 'unreadable' })
      expect(following.seen).toEqual([])
    },
  )
})
