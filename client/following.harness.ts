import { afterEach } from '@jest/globals'
import { WebSocket } from 'ws'
import type { Loss } from './after-loss.ts'
import { type BadServer, startBadServer, until, type Visit } from './bad-server.harness.ts'
import { createManualClock } from './manual-clock.harness.ts'
import { createParleyClient, type Follow, type ParleyClientOptions } from './parley-client.ts'

export interface SampleEvent {
  __typename: string
  cursor: string | null
  reset?: boolean
}

export const snapshot = (at: number, reset = false) => ({ __typename: 'RoomSnapshot', cursor: `c${at}`, reset })
export const sent = (at: number) => ({ __typename: 'MessageSent', cursor: `c${at}` })
export const caughtUp = (at: number) => ({ __typename: 'CaughtUp', cursor: `c${at}` })

/** What a follower was told, and what happened to it. */
export interface Following {
  /** Events as `MessageSent c11`. */
  seen: string[]
  statuses: string[]
  losses: (Loss | undefined)[]
  stop(): void
}

type SampleFollow = Follow<{ roomEvents: SampleEvent }, object>

const opened: (() => Promise<unknown>)[] = []

/** Call it once in a test file: ends what `startClient` started, after each test. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close()
  })
}

/** A server that behaves as badly as the test wants, and a client of it with a clock in the test's hand. */
export async function startClient(options: Partial<ParleyClientOptions> = {}) {
  const server: BadServer = await startBadServer()
  const clock = createManualClock()
  /** Those of the client, in the order it made them. */
  const sockets: WebSocket[] = []
  class NotedSocket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol)
      sockets.push(this)
    }
  }
  const client = createParleyClient({
    url: server.url,
    token: async () => 'token',
    webSocketImpl: NotedSocket,
    clock,
    ...options,
  })
  opened.push(server.close, async () => {
    const closing = client.close()
    clock.pass(1_000)
    await closing
  })

  const follow = (given: Partial<SampleFollow> = {}): Following => {
    const following: Following = { seen: [], statuses: [], losses: [], stop: () => {} }
    following.stop = client.follow<{ roomEvents: SampleEvent }, object>({
      query: 'subscription',
      variables: { roomId: 'r' },
      ...given,
      onEvent(event, details) {
        following.seen.push(`${event.__typename} ${event.cursor}`)
        given.onEvent?.(event, details)
      },
      onStatus(status, loss) {
        following.statuses.push(status)
        following.losses.push(loss)
        given.onStatus?.(status, loss)
      },
    })
    return following
  }

  /** Lets time pass in steps, in which the server answers. */
  const letPass = async (ms: number, visit: Visit) => {
    for (let left = ms; left > 0; left -= 5_000) {
      clock.pass(Math.min(left, 5_000))
      await visit.roundTrip()
    }
  }

  /** Waits until something is to be tried again in `ms`, and lets that time pass; in steps when a visit is given. */
  const retryAfter = async (ms: number, visit?: Visit) => {
    await until(`a retry in ${ms} ms is due, not in ${clock.pending()}`, () => clock.pending().includes(ms))
    if (visit) await letPass(ms, visit)
    else clock.pass(ms)
  }

  /** Waits until nothing is left: no timer, and no socket on this side. */
  const nothingIsLeft = async () => {
    await until('no timer is left', () => clock.pending().length === 0)
    await until('no socket is left', () => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED))
  }

  return { server, client, clock, sockets, follow, retryAfter, letPass, nothingIsLeft }
}

/** Waits until the follower has seen this many events. */
export const seenBy = (following: Following, count: number) =>
  until(`${count} events are seen, not ${following.seen}`, () => following.seen.length >= count)
