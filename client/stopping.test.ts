import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { WebSocket } from 'ws'
import { until } from './bad-server.harness.ts'
import { closeAfterEach, type Following, seenBy, sent, snapshot, startClient } from './following.harness.ts'
import { createParleyClient, type ParleyClientOptions } from './parley-client.ts'
import { tokenUntil } from './token.harness.ts'

closeAfterEach()
type Client = Awaited<ReturnType<typeof startClient>>

interface Moment {
  options?: Partial<ParleyClientOptions>
  reach: (client: Client, following: Following) => Promise<void>
  /** What is scheduled right after the stop: the leave of a socket, or the idle time of one and what keeps it well meanwhile. */
  left: number[]
}

const short = tokenUntil({ iat: 1_800_000_000, exp: 1_800_000_010 })
const never = new Promise<string>(() => {})

/** Where a follower can be when it is stopped. */
const moments: Record<string, Moment> = {
  'at once': { reach: async () => {}, left: [] },
  'while the token is awaited': {
    options: { token: () => never },
    reach: ({ clock }) => until('the token is awaited', () => clock.pending().includes(15_000)),
    left: [],
  },
  'while the socket is not acknowledged': {
    async reach({ server }) {
      server.acks = false
      await server.visit()
    },
    left: [1_000],
  },
  'when it has subscribed': {
    reach: async ({ server }) => void (await (await server.visit()).subscription()),
    left: [3_000, 10_000],
  },
  'when it is live': {
    async reach({ server }, following) {
      ;(await (await server.visit()).subscription()).next(snapshot(1))
      await seenBy(following, 1)
    },
    left: [3_000, 10_000],
  },
  'while it is asked whether the server is there': {
    async reach({ server, clock }) {
      server.answersPings = false
      const visit = await server.visit()
      await visit.subscription()
      clock.pass(10_000)
      await until('it has asked', () => visit.pings() === 1)
    },
    left: [3_000, 5_000],
  },
  'while the token is renewed': {
    options: { token: (insteadOf) => (insteadOf === undefined ? Promise.resolve(short) : never) },
    async reach({ server, clock }) {
      await (await server.visit()).subscription()
      clock.pass(5_000)
    },
    left: [3_000, 5_000, 15_000],
  },
  'while it waits to reconnect': {
    async reach({ server }, following) {
      ;(await server.visit()).close(1012)
      await until('it waits', () => following.statuses.length === 1)
    },
    left: [],
  },
  'while it waits after an error': {
    async reach({ server }, following) {
      ;(await (await server.visit()).subscription()).refuse({ code: 'UNAVAILABLE' })
      await until('it waits', () => following.statuses.length === 1)
    },
    left: [3_000, 10_000],
  },
  'while the server reads nothing': {
    async reach({ server }) {
      const visit = await server.visit()
      await visit.subscription()
      visit.freeze()
    },
    left: [3_000, 10_000],
  },
}

describe('stopping', () => {
  it.each(Object.entries(moments))('leaves no timer and no socket, and is the last word: %s', async (_, moment) => {
    const started = await startClient(moment.options)
    const { clock, nothingIsLeft } = started
    const following = started.follow()
    await moment.reach(started, following)
    const told = [following.seen.length, following.statuses.length]
    following.stop()
    following.stop()
    expect(clock.pending()).toEqual(moment.left)
    clock.pass(3_000)
    clock.pass(1_000)
    await nothingIsLeft()
    expect([following.seen.length, following.statuses.length]).toEqual(told)
  })

  it.each(Object.entries(moments))('the client does the same, without delay: %s', async (_, moment) => {
    const started = await startClient(moment.options)
    const { client, clock, sockets } = started
    const following = started.follow()
    await moment.reach(started, following)
    const told = [following.seen.length, following.statuses.length]
    const closing = client.close()
    expect(clock.pending()).toEqual(moment.left.length > 0 ? [1_000] : [])
    clock.pass(1_000)
    await closing
    await until('no socket is left', () => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED))
    expect(clock.pending()).toEqual([])
    expect([following.seen.length, following.statuses.length]).toEqual(told)
  })

  it.each(['RoomSnapshot', 'MessageSent'])('is possible from within a callback: at %s', async (at) => {
    const { server, clock, follow, nothingIsLeft } = await startClient()
    const following = follow({ onEvent: ({ __typename }) => __typename === at && following.stop() })
    const visit = await server.visit()
    const asked = await visit.subscription()
    for (const event of [snapshot(1), sent(2), sent(3)]) asked.next(event)
    await until('the subscription is completed', () => visit.completed.includes(asked.id))
    expect(following.seen).toHaveLength(at === 'RoomSnapshot' ? 1 : 2)
    expect(following.statuses).toEqual(at === 'RoomSnapshot' ? [] : ['live'])
    clock.pass(3_000)
    expect(await visit.closed).toBe(1000)
    await nothingIsLeft()
  })

  it.each([
    ['a loss', 1012, 'reconnecting', 'the follower'],
    ['a loss', 1012, 'reconnecting', 'the client'],
    ['the end of the session', 4401, 'ended', 'the follower'],
    ['the end of the session', 4401, 'ended', 'the client'],
  ])('is the last word when another one does it as it hears of %s (%d, %s): %s', async (_, code, status, stopped) => {
    const { server, client, follow } = await startClient()
    const first = follow({ onStatus: () => (stopped === 'the client' ? void client.close() : second.stop()) })
    const second = follow()
    ;(await server.visit()).close(code)
    await until('the first is told', () => first.statuses.length > 0)
    expect(first.statuses).toEqual([status])
    expect(second.statuses).toEqual([])
  })

  it('leaves the client ready to follow again, and nothing of what was', async () => {
    const { server, client, sockets, follow } = await startClient()
    follow({ variables: { roomId: 'before' } })
    const visit = await server.visit()
    await client.close()
    expect(sockets.map(({ readyState }) => readyState)).toEqual([WebSocket.CLOSED])
    expect(await visit.closed).toBe(1000)
    follow({ variables: { roomId: 'after' } })
    expect((await (await server.visit()).subscription()).variables.roomId).toBe('after')
  })
})

describe('a callback that throws', () => {
  afterEach(() => void jest.restoreAllMocks())

  it('loses nothing for anybody, and its error is not hidden', async () => {
    const thrown: (() => void)[] = []
    const fail = () => {
      throw new Error('a bug of the caller')
    }
    const { server, follow } = await startClient({ onSignedOut: fail })
    const failing = follow({ onEvent: fail, onStatus: fail })
    const other = follow()
    const visit = await server.visit()
    jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void thrown.push(task))
    for (const asked of [await visit.subscription(), await visit.subscription()]) {
      for (const event of [snapshot(1), sent(2)]) asked.next(event)
    }
    await seenBy(other, 2)
    expect(failing.seen).toEqual(['RoomSnapshot c1', 'MessageSent c2'])
    expect(server.connections()).toBe(1)
    visit.close(4401)
    await until('it has ended', () => other.statuses.at(-1) === 'ended')
    // Two events, being live, the end, and the end of the session.
    expect(thrown).toHaveLength(5)
    for (const task of thrown) expect(task).toThrow('a bug of the caller')
  })
})

describe('a WebSocket', () => {
  it('is the one of the platform when none is given', async () => {
    const { server, follow } = await startClient({ webSocketImpl: undefined })
    const following = follow()
    ;(await (await server.visit()).subscription()).next(snapshot(1))
    await seenBy(following, 1)
  })

  it('is missed at once where there is none', () => {
    const { WebSocket: platform } = globalThis
    try {
      Object.assign(globalThis, { WebSocket: undefined })
      expect(() => createParleyClient({ url: 'ws://localhost', token: async () => null })).toThrow('webSocketImpl')
    } finally {
      Object.assign(globalThis, { WebSocket: platform })
    }
  })

  it('that cannot be made is tried again, at the next address', async () => {
    const addresses = ['no address', 'ws://127.0.0.1:1']
    const { server, follow, retryAfter } = await startClient({
      url: () => addresses.shift() ?? server.url,
      webSocketImpl: WebSocket,
    })
    const following = follow()
    await retryAfter(1_000)
    expect(following.losses.at(-1)).toMatchObject({
      kind: 'closed',
      code: 1006,
      reason: expect.stringContaining('Invalid URL'),
    })
    await retryAfter(2_000)
    await (await server.visit()).subscription()
  })
})
