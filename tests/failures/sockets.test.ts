import { once } from 'node:events'
import { connect as netConnect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ManagedProcess } from '../../dev/processes/managed-process.ts'
import { freePort } from '../../dev/stack/programs.ts'
import { createRedisExpiringSet } from '../../platform/expiry/expiring-set.redis.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { openRedis } from '../../platform/storage/connection.redis.ts'
import { createRoom, type Person, signIn, signUp, trySend } from '../clients.ts'
import { connect, eventually, openSocket, type RawSocket } from '../gateway/raw-socket.ts'
import { samplesOf } from '../metric-samples.ts'
import { hasServers, makePlace, type ServerPlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const count = 500
const events = 'subscription ($roomId: ID!) { roomEvents(roomId: $roomId) { __typename } }'
const sending = `mutation ($roomId: ID!) {
  sendMessage(input: { roomId: $roomId, text: "over a socket", clientMessageId: "one" }) { message { seq } }
}`

const onServers = (suite: () => void) =>
  describe('the sockets of a gateway, on real servers,', () => {
    if (hasServers()) suite()
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })

onServers(() => {
  let place: ServerPlace
  let stop: () => Promise<void>
  let gateway: ManagedProcess
  let chat: ManagedProcess
  let operators: string
  let ann: Person
  let roomId: string

  beforeAll(async () => {
    place = await makePlace()
    const metricsPort = await freePort()
    operators = `http://127.0.0.1:${metricsPort}`
    const started = await startProcessesOnServers(
      { METRICS_PORT: String(metricsPort), SOCKETS_PER_USER: '1000', OPERATION_TIMEOUT: '60000' },
      { place, counts: { gateway: 1, chat: 1, 'fan-out': 1 } },
    )
    stop = started.stop
    const { processes } = started.system
    gateway = processes.gateway[0] as ManagedProcess
    chat = processes.chat[0] as ManagedProcess
    ann = await signUp(gateway.url, 'Ann')
    roomId = await createRoom(ann)
  }, 120_000)
  afterAll(async () => {
    // One that a failed test left frozen could not be ended.
    chat?.signal('SIGCONT')
    await stop?.()
  }, 60_000)

  const sample = async (name: string) => samplesOf(await (await fetch(`${operators}/metrics`)).text(), name)
  const listening = async (who: Person): Promise<RawSocket> => {
    const socket = await connect(gateway.url, who.headers.authorization)
    socket.subscribe('room', events, { roomId })
    await socket.find(({ id, type }) => id === 'room' && type === 'next')
    return socket
  }

  it('are closed with 4401 when their session is revoked and nobody announces it', async () => {
    const session = await signIn(gateway.url, ann)
    const [ends, stays] = [await listening(session), await listening(ann)]
    const logger = createLogger('test', 'silent')
    const prefix = String(place.variables.REDIS_PREFIX)
    const redis = await openRedis({ url: String(place.variables.REDIS_URL), logger })
    await createRedisExpiringSet({ redis, prefix }).add(session.sessionId, 60)
    await redis.close()
    expect(await ends.closed).toBe(4401)
    expect(stays.socket.readyState).toBe(stays.socket.OPEN)
    await stays.close()
  })

  it('are closed with 1012 and by and by when it is told to end, and what runs is answered first', async () => {
    const sockets: RawSocket[] = []
    while (sockets.length < count) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => listening(ann)))))
    }
    expect(await sample('parley_sockets')).toEqual({ '': count })
    expect(await sample('parley_subscriptions')).toEqual({ '': count })
    expect((await fetch(`${operators}/health/ready`)).status).toBe(200)

    // As a browser opens one ahead: it asks nothing, and holds up nothing.
    const idle = netConnect(Number(new URL(gateway.url).port), '127.0.0.1').resume()
    await once(idle, 'connect')

    chat.signal('SIGSTOP')
    const overHttp = trySend(ann, roomId, 'over HTTP')
    const [busy, ...others] = sockets as [RawSocket, ...RawSocket[]]
    busy.subscribe('send', sending, { roomId })
    await eventually(async () => (await sample('parley_socket_operations'))[''] === 1, 'the mutation runs')

    let closed = 0
    let openAtFirst: number | undefined
    for (const other of others) {
      void other.closed.then(() => {
        closed += 1
        openAtFirst ??= others.filter(({ socket }) => socket.readyState === socket.OPEN).length
      })
    }
    const ended = gateway.end('SIGTERM')
    await eventually(() => closed > 0, 'the first have been closed')
    expect(openAtFirst).toBeGreaterThan(count / 2)
    await expect(openSocket(gateway.url)).rejects.toThrow()
    expect(new Set(await Promise.all(others.map((other) => other.closed)))).toEqual(new Set([1012]))
    expect((await fetch(`${operators}/health/ready`)).status).toBe(503)
    expect(busy.socket.readyState).toBe(busy.socket.OPEN)

    chat.signal('SIGCONT')
    expect(await busy.closed).toBe(1012)
    const answer = busy.messages.filter(({ id }) => id === 'send')
    expect(answer).toMatchObject([{ payload: { data: { sendMessage: { message: {} } } } }, { type: 'complete' }])
    expect((await overHttp).data?.sendMessage.message.text).toBe('over HTTP')
    expect(await ended).toBe(0)
    idle.destroy()
  }, 120_000)
})
