import { describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { closeCodes } from '../schema/close-codes.ts'
import { startBadServer, until } from './bad-server.harness.ts'
import { caughtUp, closeAfterEach, seenBy, sent, snapshot, startClient } from './following.harness.ts'

closeAfterEach()

/** What follows a close with this code: the longest delay before the first try, or the end. */
const afterCode: Record<number, number | 'ended'> = {
  1000: 1_000,
  1001: 1_000,
  1003: 5_000,
  1008: 5_000,
  1009: 'ended',
  1011: 5_000,
  1012: 1_000,
  1013: 5_000,
  3000: 5_000,
  4004: 5_000,
  4290: 1_000,
  4400: 'ended',
  4401: 'ended',
  4403: 1_000,
  4406: 'ended',
  4408: 5_000,
  4409: 'ended',
  4429: 5_000,
  4499: 5_000,
  4500: 5_000,
  4999: 5_000,
}

describe('following', () => {
  it('starts without a cursor, and is live from the snapshot on', async () => {
    const { server, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    expect(visit.authorization).toBe('Bearer token')
    const asked = await visit.subscription()
    expect(asked.variables).toEqual({ roomId: 'r', after: null })
    asked.next(snapshot(10))
    asked.next(sent(11))
    await seenBy(following, 2)
    expect(following.seen).toEqual(['RoomSnapshot c10', 'MessageSent c11'])
    expect(following.statuses).toEqual(['live'])
  })

  it('is not live while the server has not said that nothing is missing', async () => {
    const { server, follow } = await startClient()
    const following = follow({ after: 'c1' })
    const asked = await (await server.visit()).subscription()
    expect(asked.variables).toEqual({ roomId: 'r', after: 'c1' })
    asked.next(sent(2))
    asked.next(sent(3))
    await seenBy(following, 2)
    expect(following.statuses).toEqual([])
    asked.next(caughtUp(3))
    await seenBy(following, 3)
    expect(following.statuses).toEqual(['live'])
  })

  it('knows what to do after every code that the gateway closes with', () => {
    expect(Object.keys(afterCode)).toEqual(expect.arrayContaining(Object.values(closeCodes).map(String)))
  })

  it.each(Object.entries(afterCode))('meets a close with %s as that code asks', async (code, then) => {
    let signedOut = 0
    const { server, client, clock, follow, retryAfter } = await startClient({ onSignedOut: () => signedOut++ })
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    asked.next(snapshot(10))
    asked.next(sent(11))
    await seenBy(following, 2)
    visit.close(Number(code))
    if (then === 'ended') {
      await until('it has ended', () => following.statuses.at(-1) === 'ended')
      expect(following.losses.at(-1)).toEqual({ kind: 'closed', code: Number(code), reason: 'by the test' })
      expect(clock.pending()).toEqual([])
      expect(following.statuses).toEqual(['live', 'ended'])
      expect(signedOut).toBe(code === '4401' ? 1 : 0)
      await client.close()
      return expect(server.connections()).toBe(0)
    }
    await retryAfter(then)
    const again = await (await server.visit()).subscription()
    expect(again.variables).toEqual({ roomId: 'r', after: 'c11' })
    again.next(sent(12))
    await seenBy(following, 3)
    expect(following.statuses).toEqual(['live', 'reconnecting'])
    again.next(caughtUp(12))
    await seenBy(following, 4)
    expect(following.statuses).toEqual(['live', 'reconnecting', 'live'])
    expect(following.seen).toEqual(['RoomSnapshot c10', 'MessageSent c11', 'MessageSent c12', 'CaughtUp c12'])
  })

  it('goes on from the last event when the connection is cut in the middle of a replay', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow({ after: 'c1' })
    const replays = [
      { after: 1, events: [2, 3], delay: 1_000 },
      { after: 3, events: [4], delay: 2_000 },
      { after: 4, events: [], delay: 4_000 },
    ]
    for (const { after, events, delay } of replays) {
      const visit = await server.visit()
      const asked = await visit.subscription()
      expect(asked.variables.after).toBe(`c${after}`)
      const before = following.seen.length
      for (const event of events) asked.next(sent(event))
      await seenBy(following, before + events.length)
      visit.cut()
      await retryAfter(delay)
    }
    const last = await (await server.visit()).subscription()
    expect(last.variables.after).toBe('c4')
    last.next(sent(5))
    last.next(caughtUp(5))
    await seenBy(following, 5)
    expect(following.seen.join()).toBe('MessageSent c2,MessageSent c3,MessageSent c4,MessageSent c5,CaughtUp c5')
    expect(following.statuses).toEqual(['reconnecting', 'reconnecting', 'reconnecting', 'live'])
    expect(following.losses[0]).toMatchObject({ kind: 'closed', code: 1006 })
  })

  it('waits longer after each loss, up to a bound, until a connection has held for a while', async () => {
    const { server, clock, follow, retryAfter } = await startClient()
    const following = follow()
    for (const [index, delay] of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
      ;(await server.visit()).close(1012)
      await until('the loss is noticed', () => following.losses.length === index + 1)
      await retryAfter(delay)
    }
    const held = await server.visit()
    await held.subscription()
    clock.pass(10_000)
    held.close(1012)
    await retryAfter(1_000)
    await server.visit()
  })

  it('does not take a moment of being live for a success', async () => {
    const { server, follow, retryAfter } = await startClient()
    const following = follow()
    for (const [index, delay] of [1_000, 2_000, 4_000].entries()) {
      const visit = await server.visit()
      ;(await visit.subscription()).next(snapshot(index))
      await seenBy(following, index + 1)
      visit.close(4290)
      await retryAfter(delay)
    }
  })

  it('tries again when nobody listens at the address', async () => {
    const { server, follow, retryAfter } = await startClient()
    const { url } = server
    const port = Number(new URL(url).port)
    const following = follow()
    await server.visit()
    await server.close()
    for (const delay of [1_000, 2_000, 4_000]) await retryAfter(delay)
    await until('it was refused again', () => following.statuses.length === 4)
    const again = await startBadServer(port)
    await retryAfter(8_000)
    await (await again.visit()).subscription()
    await again.close()
  })

  it('does not wait for ever for a connection that is never acknowledged', async () => {
    const { server, clock, follow, retryAfter } = await startClient()
    server.acks = false
    const following = follow()
    const visit = await server.visit()
    clock.pass(10_000)
    await visit.closed
    expect(following.statuses).toEqual(['reconnecting'])
    expect(following.losses[0]).toMatchObject({ kind: 'closed', code: 1006 })
    server.acks = true
    await retryAfter(1_000)
    await (await server.visit()).subscription()
  })

  it('notices a connection on which nobody answers any more', async () => {
    const { server, clock, sockets, follow, retryAfter } = await startClient()
    const following = follow()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot(1))
    await seenBy(following, 1)
    visit.freeze()
    clock.pass(10_000)
    clock.pass(4_999)
    expect(following.statuses).toEqual(['live'])
    clock.pass(1)
    await until('it is noticed', () => following.statuses.at(-1) === 'reconnecting')
    await until('nothing is left of it', () => sockets[0]?.readyState === WebSocket.CLOSED)
    await retryAfter(1_000)
    expect((await (await server.visit()).subscription()).variables.after).toBe('c1')
  })

  it('waits longer on each connection after one that gave no answer: a large message takes its time on a slow link', async () => {
    const { server, clock, follow } = await startClient()
    server.answersPings = false
    const following = follow()
    for (const wait of [5_000, 10_000, 20_000, 40_000, 80_000, 80_000]) {
      await (await server.visit()).subscription()
      clock.pass(10_000 + wait - 1)
      const losses = following.losses.filter(Boolean).length
      clock.pass(1)
      await until('it gives up', () => following.losses.filter(Boolean).length === losses + 1)
      clock.pass(30_000)
    }
    // Once it has got through, it is as strict as before.
    const visit = await server.visit()
    const asked = await visit.subscription()
    clock.pass(10_000)
    asked.next(snapshot(1))
    await seenBy(following, 1)
    clock.pass(80_000)
    expect(following.statuses.at(-1)).toBe('live')
    clock.pass(10_000)
    const losses = following.losses.filter(Boolean).length
    clock.pass(4_999)
    expect(following.losses.filter(Boolean)).toHaveLength(losses)
    clock.pass(1)
    await until('it gives up', () => following.losses.filter(Boolean).length === losses + 1)
  })

  it('takes any message for an answer: a pong may stand behind a long replay', async () => {
    const { server, clock, follow } = await startClient()
    server.answersPings = false
    const following = follow()
    const visit = await server.visit()
    const asked = await visit.subscription()
    for (let round = 1; round <= 5; round++) {
      clock.pass(10_000)
      await until('it has asked', () => visit.pings() === round)
      asked.next(snapshot(round))
      await seenBy(following, round)
      clock.pass(5_000)
    }
    expect(following.statuses).toEqual(['live'])
  })

  it('asks again and again whether the server is there, and is content with its answers', async () => {
    const { server, clock, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot(1))
    for (let round = 1; round <= 5; round++) {
      clock.pass(10_000)
      await until('it has asked', () => visit.pings() === round)
      await visit.roundTrip()
      clock.pass(5_000)
    }
    expect(following.statuses).toEqual(['live'])
  })

  it('hears nothing of an old socket once there is a new one', async () => {
    const made: WebSocket[] = []
    // As a browser's, it cannot be cut, and so is heard until the server is done with it.
    class LingeringSocket extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol)
        made.push(this)
      }
      override terminate() {}
    }
    const { server, clock, follow, retryAfter } = await startClient({ webSocketImpl: LingeringSocket })
    const following = follow()
    const old = await server.visit()
    const oldSubscription = await old.subscription()
    oldSubscription.next(snapshot(1))
    await seenBy(following, 1)
    old.freeze()
    clock.pass(10_000)
    clock.pass(5_000)
    await retryAfter(1_000)
    const visit = await server.visit()
    const asked = await visit.subscription()
    oldSubscription.next(sent(7))
    old.send('no message at all')
    old.close(4401)
    old.thaw()
    await until('the old socket is closed', () => made[0]?.readyState === WebSocket.CLOSED)
    asked.next(caughtUp(1))
    await seenBy(following, 2)
    expect(following.seen).toEqual(['RoomSnapshot c1', 'CaughtUp c1'])
    expect(following.statuses).toEqual(['live', 'reconnecting', 'live'])
    expect(server.connections()).toBe(1)
  })

  it('does not wait any longer when it is told to try now', async () => {
    const { server, client, clock, sockets, follow } = await startClient()
    const following = follow()
    ;(await server.visit()).close(1013)
    await until('it waits', () => clock.pending().includes(5_000))
    client.retryNow()
    await (await server.visit()).subscription()
    expect(sockets).toHaveLength(2)
    expect(following.statuses).toEqual(['reconnecting'])
  })

  it('asks the open connection when it is told to try now, and keeps it when that answers', async () => {
    const { server, client, clock, sockets, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot(1))
    await seenBy(following, 1)
    client.retryNow()
    await until('the open connection is asked', () => visit.pings() === 1)
    await visit.roundTrip()
    clock.pass(5_000)
    expect(following.statuses).toEqual(['live'])
    expect(sockets).toHaveLength(1)
  })

  it.each(['the first question', 'a question right after one that it answered'])(
    'opens another connection when the open one does not answer %s',
    async (question) => {
      const { server, client, clock, sockets, follow, retryAfter } = await startClient()
      const following = follow()
      const visit = await server.visit()
      ;(await visit.subscription()).next(snapshot(1))
      await seenBy(following, 1)
      if (question !== 'the first question') {
        client.retryNow()
        await until('the open connection is asked', () => visit.pings() === 1)
        await visit.roundTrip()
      }
      visit.freeze()
      client.retryNow()
      clock.pass(5_000)
      await until('the loss is noticed', () => following.statuses.at(-1) === 'reconnecting')
      expect(following.losses.at(-1)).toMatchObject({ kind: 'closed', code: 1006 })
      await retryAfter(1_000)
      const asked = await (await server.visit()).subscription()
      expect(asked.variables.after).toBe('c1')
      expect(sockets).toHaveLength(2)
    },
  )
})

describe('one socket', () => {
  it('serves every subscription, and each resumes after its own last event', async () => {
    const { server, follow, retryAfter } = await startClient()
    const followings = [follow(), follow(), follow({ cursorVariable: 'since' })]
    const visit = await server.visit()
    for (const at of [10, 20, 30]) (await visit.subscription()).next(snapshot(at))
    for (const following of followings) await seenBy(following, 1)
    expect(server.connections()).toBe(1)
    visit.close(1012)
    await retryAfter(1_000)
    const again = await server.visit()
    const asked = [await again.subscription(), await again.subscription(), await again.subscription()]
    expect(asked.map(({ variables }) => variables)).toEqual([
      { roomId: 'r', after: 'c10' },
      { roomId: 'r', after: 'c20' },
      { roomId: 'r', since: 'c30' },
    ])
    expect(server.connections()).toBe(1)
  })

  it('is opened when it is needed, kept for a moment when it is not, and then closed', async () => {
    const { server, clock, follow } = await startClient()
    expect(clock.pending()).toEqual([])
    const first = follow()
    const visit = await server.visit()
    const { id } = await visit.subscription()
    first.stop()
    await until('the subscription is completed', () => visit.completed.includes(id))
    clock.pass(2_999)
    const second = follow()
    const asked = await visit.subscription()
    clock.pass(3_000)
    asked.next(snapshot(1))
    await seenBy(second, 1)
    second.stop()
    clock.pass(3_000)
    expect(await visit.closed).toBe(1000)
    follow()
    await (await server.visit()).subscription()
  })

  it('is not opened again for nobody', async () => {
    const { server, clock, follow } = await startClient()
    const following = follow()
    const visit = await server.visit()
    await visit.subscription()
    following.stop()
    visit.close(1012)
    await visit.closed
    await until('nothing is left', () => clock.pending().length === 0)
  })
})
