import { afterEach, describe, expect, it } from '@jest/globals'
import { ApiError } from '../api/api-error.ts'
import { sampleMessage } from '../room/sample-message.harness.ts'
import { createFakeLiveClient } from './fake-live-client.harness.ts'
import { followRoom } from './follow-room.ts'
import type { RoomEvent } from './room-events.ts'

const snapshot: RoomEvent = { __typename: 'RoomSnapshot', roomId: 'r', cursor: 'c10', reset: false, messages: [] }
const sent = (seq: number): RoomEvent => ({
  __typename: 'MessageSent',
  roomId: 'r',
  cursor: `c${seq}`,
  message: sampleMessage(seq),
})
const caughtUp = (cursor: string): RoomEvent => ({ __typename: 'CaughtUp', roomId: 'r', cursor })

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function follow(refresh: () => Promise<string> = async () => 'token') {
  const fake = createFakeLiveClient()
  const seen: string[] = []
  const statuses: string[] = []
  const waits: number[] = []
  const session = { refreshes: 0, endedWith: undefined as string | undefined }
  const ended = Promise.withResolvers<void>()
  const stop = followRoom({
    roomId: 'r',
    client: fake.client,
    session: {
      refresh: () => {
        session.refreshes++
        return refresh()
      },
      end: (note) => {
        session.endedWith = note
        ended.resolve()
      },
    },
    wait: async (ms) => {
      waits.push(ms)
    },
    onEvent: (event) => seen.push(event.__typename),
    onStatus: (status, reason) => {
      statuses.push(reason ? `${status}: ${reason.code}` : status)
      if (status === 'ended') ended.resolve()
    },
  })
  stops.push(stop)
  return { ...fake, seen, statuses, waits, session, ended: ended.promise, stop }
}

describe('following a room', () => {
  it('starts without a cursor and is live from the snapshot on', async () => {
    const { next, seen, statuses } = follow()
    const first = await next()
    expect(first.after).toBeNull()
    first.send(snapshot)
    first.send(sent(11))
    expect(seen).toEqual(['RoomSnapshot', 'MessageSent'])
    expect(statuses).toEqual(['connecting', 'live'])
  })

  it.each([1000, 1006, 1012, 4290, 4499])(
    'resumes after the newest cursor when the socket closes with %d',
    async (code) => {
      const { next, close, statuses } = follow()
      const first = await next()
      first.send(snapshot)
      first.send(sent(11))
      close(code)
      const second = await next()
      expect(first.isOpen).toBe(false)
      expect(second.after).toBe('c11')
      second.send(sent(12))
      expect(statuses).toEqual(['connecting', 'live', 'reconnecting'])
      second.send(caughtUp('c12'))
      expect(statuses).toEqual(['connecting', 'live', 'reconnecting', 'live'])
      close(code)
      expect((await next()).after).toBe('c12')
    },
  )

  it('hears nothing more from a subscription that it has given up', async () => {
    const { next, close, seen } = follow()
    const first = await next()
    first.send(snapshot)
    close(1006)
    await next()
    first.send(sent(11))
    expect(seen).toEqual(['RoomSnapshot'])
  })

  it('resumes when the server ends the subscription with an error or completes it', async () => {
    const { next } = follow()
    const first = await next()
    first.send(snapshot)
    first.refuse('UNAVAILABLE')
    const second = await next()
    expect(second.after).toBe('c10')
    second.complete()
    expect((await next()).after).toBe('c10')
  })

  it('waits longer after each loss, up to a bound, and starts over once it has caught up', async () => {
    const { next, close, waits } = follow()
    for (let loss = 0; loss < 8; loss++) {
      await next()
      close(1006)
    }
    const last = await next()
    expect(waits[0]).toBeLessThanOrEqual(250)
    expect(waits[7]).toBeGreaterThanOrEqual(2_500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
    last.send(caughtUp('c1'))
    close(1006)
    await next()
    expect(waits.at(-1)).toBeLessThanOrEqual(250)
  })

  it('waits much longer when the server has too many connections', async () => {
    const { next, close, waits } = follow()
    await next()
    close(4429)
    await next()
    expect(waits[0]).toBeGreaterThanOrEqual(2_500)
  })

  it('gets a new token before it resumes when the old one is not accepted', async () => {
    const { next, close, session } = follow()
    ;(await next()).send(snapshot)
    close(4403)
    expect((await next()).after).toBe('c10')
    expect(session.refreshes).toBe(1)
  })

  it('tries again when no new token can be had for now', async () => {
    const { next, close } = follow(() => Promise.reject(new ApiError('away', 'NETWORK')))
    await next()
    close(4403)
    await next()
  })

  it('ends the session, and does not come back, when the server has signed it out', async () => {
    const { next, close, session, ended, waits } = follow()
    await next()
    close(4401)
    await ended
    expect(session.endedWith).toContain('signed out')
    expect(waits).toEqual([])
  })

  it('ends when the viewer is not a member any more', async () => {
    const { next, statuses, ended } = follow()
    const first = await next()
    first.send(snapshot)
    first.complete()
    ;(await next()).refuse('FORBIDDEN')
    await ended
    expect(statuses).toEqual(['connecting', 'live', 'reconnecting', 'ended: FORBIDDEN'])
  })

  it('closes its subscription when it is stopped, and says nothing more', async () => {
    const { next, stop, statuses, close } = follow()
    const first = await next()
    stop()
    close(1006)
    expect(first.isOpen).toBe(false)
    expect(statuses).toEqual(['connecting'])
  })
})
