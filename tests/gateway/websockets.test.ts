import { createSecretKey } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import { defaultSocketLimits, type SocketLimits } from '../../gateway/config.ts'
import { createClientConnection } from '../../gateway/http/client-connection.ts'
import { createLimitCount } from '../../gateway/limits/limit-count.ts'
import { createGraphqlSockets } from '../../gateway/sockets/graphql-sockets.ts'
import { silentStream } from '../../gateway/sockets/operations/silent-stream.ts'
import { openSessionWatch } from '../../gateway/sockets/session-watch.ts'
import { serveWebSockets, type WebSockets } from '../../gateway/sockets/websocket-server.ts'
import { createErrorReply } from '../../platform/graphql/error-reply.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { connect, eventually, openSocket } from './raw-socket.ts'

const logger = createLogger('test', 'silent')

describe('the WebSockets of a gateway', () => {
  let server: Server
  let sockets: WebSockets
  let metrics: Metrics
  let url: string
  let closing: Promise<void>
  /** The operations that run, by their text; a subscription never ends by itself. */
  let running: Map<string, (result: ExecutionResult) => void>
  let limits: SocketLimits

  const open = async (more: Partial<SocketLimits> = {}, operationTimeout = 60_000) => {
    limits = { ...defaultSocketLimits, ...more }
    metrics = createMetrics('test')
    const countLimit = createLimitCount(metrics)
    running = new Map()
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const sessions = await openSessionWatch({
      revoked: async () => new Set(),
      keys: async () => createSecretKey(Buffer.from('any')),
      onRevoked: async () => async () => {},
      logger,
      checkEvery: 60_000,
    })
    sockets = serveWebSockets({
      server,
      path: '/graphql',
      origins: { mayCall: () => true, refusal: () => '' },
      connection: createClientConnection([]),
      admit: async () => {},
      graphql: createGraphqlSockets({
        identify: async (name = '') => ({
          userId: name,
          sessionId: name,
          keyId: 'key',
          expiresAt: Number.POSITIVE_INFINITY,
        }),
        sessions,
        run: async ({ query }) => {
          if (!query.startsWith('subscription')) return new Promise((resolve) => running.set(query, resolve))
          const { promise, resolve } = Promise.withResolvers<void>()
          running.set(query, () => resolve())
          return silentStream({ ended: promise, stop: resolve })
        },
        errorReply: createErrorReply(logger),
        logger,
        rate: { take: async () => {}, refuseSpent() {} },
        limits,
        countLimit,
        metrics,
      }),
      limits,
      operationTimeout,
      countLimit,
      metrics,
    })
    closing = Promise.resolve()
    return sessions
  }
  let sessions: Awaited<ReturnType<typeof open>>
  const close = () => {
    closing = sockets.close()
    return closing
  }
  beforeEach(async () => {
    sessions = await open({ closeTimeout: 100 })
  })
  afterEach(async () => {
    await close()
    await sessions.close()
    await new Promise((resolve) => server.close(resolve))
  })

  const sample = async (name: string) => samplesOf(await metrics.text(), name)
  const begun = async (query: string) => {
    while (!running.has(query)) await new Promise(setImmediate)
  }

  it('answers what runs before it takes leave of a socket, and takes no more', async () => {
    const [busy, idle] = [await connect(url, 'ann'), await connect(url, 'ben')]
    busy.subscribe('m', 'mutation')
    busy.subscribe('s', 'subscription')
    await begun('mutation')
    await begun('subscription')
    expect(await sample('parley_socket_operations')).toEqual({ '': 1 })
    expect(await sample('parley_subscriptions')).toEqual({ '': 1 })
    void close()
    expect(await idle.closed).toBe(1012)
    await expect(openSocket(url)).rejects.toThrow('503')
    busy.subscribe('late', 'late mutation')
    busy.send({ type: 'ping' })
    await busy.find(({ type }) => type === 'pong')
    expect(busy.socket.readyState).toBe(busy.socket.OPEN)
    running.get('mutation')?.({ data: { done: true } })
    expect(await busy.closed).toBe(1012)
    expect(busy.messages.slice(-2)).toEqual([
      { id: 'm', type: 'next', payload: { data: { done: true } } },
      { id: 'm', type: 'complete' },
    ])
    expect(running.has('late mutation')).toBe(false)
    await closing
    expect(await sample('parley_sockets')).toEqual({ '': 0 })
    expect(await sample('parley_subscriptions')).toEqual({ '': 0 })
    expect(await sample('parley_socket_closes_total')).toEqual({ 1012: 2 })
    expect(await sample('parley_upgrades_refused_total')).toEqual({ 503: 1 })
  })

  it('waits for an answer no longer than an operation may run', async () => {
    await close()
    await sessions.close()
    server.close()
    sessions = await open({}, 20)
    const socket = await connect(url, 'ann')
    socket.subscribe('m', 'mutation')
    await begun('mutation')
    void close()
    expect(await socket.closed).toBe(1012)
  })

  it('cuts a peer that does not answer its close', async () => {
    const socket = await connect(url, 'ann')
    socket.socket.pause()
    await close()
    expect(await sample('parley_sockets')).toEqual({ '': 0 })
    expect(await sample('parley_socket_closes_total')).toEqual({ 1012: 1 })
    socket.socket.terminate()
  })

  it('refuses ids that nobody has a use for', async () => {
    const socket = await connect(url, 'ann')
    socket.subscribe('x'.repeat(257), 'mutation')
    expect(await socket.closed).toBe(4400)
  })

  it('counts whom it turns away, by bound', async () => {
    const many = Array.from({ length: limits.subscriptionsPerSocket + 1 }, (_, index) => `s${index}`)
    const socket = await connect(url, 'ann')
    for (const id of many) socket.subscribe(id, 'subscription')
    await socket.find(({ id }) => id === many.at(-1))
    for (let frames = limits.frameBurst; frames > 0; frames -= 1) socket.send({ type: 'pong' })
    expect(await socket.closed).toBe(4429)
    const big = await connect(url, 'ann')
    big.send({ type: 'ping', payload: { text: 'x'.repeat(limits.maxFrameBytes) } })
    expect(await big.closed).toBe(1009)
    const crowd = await Promise.all(Array.from({ length: limits.socketsPerUser }, () => connect(url, 'ben')))
    const last = await openSocket(url)
    last.send({ type: 'connection_init', payload: { authorization: 'ben' } })
    expect(await last.closed).toBe(4429)
    expect(await sample('parley_limits_reached_total')).toEqual({
      subscriptions_per_socket: 1,
      frames_per_second: 1,
      frame_bytes: 1,
      sockets_per_user: 1,
    })
    await eventually(
      async () => (await sample('parley_sockets'))[''] === crowd.length,
      'the others have closed here too',
    )
    expect(await sample('parley_socket_closes_total')).toEqual({ 1009: 1, 4429: 2 })
  })
})
