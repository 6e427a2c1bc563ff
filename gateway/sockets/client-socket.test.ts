import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocket, WebSocketServer } from 'ws'
import { defaultSocketLimits } from '../config.ts'
import type { Limit } from '../limits/limit-count.ts'
import { createClientSocket, type ServedSocket } from './client-socket.ts'
import { createOneWrite } from './frames/one-write.ts'
import { textFrame } from './frames/text-frame.ts'
import { WaitingTotal } from './frames/waiting-total.ts'

const maxBacklogBytes = 200_000

const numberIn = (message: string) => message.split(' ')[0] ?? ''

describe('the socket of a client', () => {
  let server: Server
  let client: WebSocket
  /** Our end of it, as ws has it. */
  let ours: WebSocket
  let socket: ServedSocket
  let received: string[]
  let writes: number
  let counted: Limit[]
  let waiting: WaitingTotal

  /** Counts what leaves in one system call. */
  const countWrites = (tcp: Socket) => {
    const stream = tcp as unknown as Record<'_write' | '_writev', (...parts: unknown[]) => void>
    for (const name of ['_write', '_writev'] as const) {
      const write = stream[name].bind(tcp)
      stream[name] = (...parts) => {
        writes += 1
        write(...parts)
      }
    }
  }
  beforeEach(async () => {
    received = []
    writes = 0
    counted = []
    waiting = new WaitingTotal(100_000_000)
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sockets = new WebSocketServer({ noServer: true })
    const accepted = new Promise<void>((resolve) => {
      server.once('upgrade', (request, tcp, head) =>
        sockets.handleUpgrade(request, tcp, head, (webSocket) => {
          countWrites(tcp as Socket)
          ours = webSocket
          socket = createClientSocket({
            socket: webSocket,
            tcp,
            clientIp: '192.0.2.1',
            userAgent: 'a test',
            rules: {
              limits: { ...defaultSocketLimits, maxBacklogBytes },
              countLimit: (limit) => void counted.push(limit),
              beforeWrite: createOneWrite(),
              waiting,
            },
          })
          resolve()
        }),
      )
    })
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    client.on('message', (data) => received.push(numberIn(String(data))))
    await Promise.all([once(client, 'open'), accepted])
  })
  afterEach(async () => {
    client.terminate()
    ours.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  const have = async (count: number) => {
    while (received.length < count) await once(client, 'message')
    return received
  }
  /** Sends one frame a turn of the event loop until the condition holds. Gives what was sent. */
  const fillUntil = async (holds: () => boolean) => {
    const sent: string[] = []
    while (!holds()) {
      if (sent.length === 10_000) throw new Error('The peer takes everything')
      sent.push(String(sent.length))
      socket.send(`${sent.at(-1)} ${'x'.repeat(20_000)}`)
      await nextTurn()
    }
    return sent
  }

  it('sends text and bytes in their order, and all of one tick in one write', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => String(index))
    for (const [index, number] of numbers.entries()) {
      if (index % 2 === 0) socket.send(`${number} ü`)
      else
        socket.sendBytes(
          textFrame(Buffer.from(`${number} ü`), () => socket.nextPing()),
          'later',
        )
    }
    expect(await have(40)).toEqual(numbers)
    expect(writes).toBe(1)
    for (const number of ['40', '41']) {
      socket.send(number)
      await nextTurn()
    }
    await have(42)
    expect(writes).toBe(3)
    socket.sendBytes(
      textFrame(Buffer.from('42'), () => socket.nextPing()),
      'now',
    )
    socket.sendBytes(
      textFrame(Buffer.from('43'), () => socket.nextPing()),
      'now',
    )
    expect(writes).toBe(5)
    socket.send('44')
    socket.sendBytes(
      textFrame(Buffer.from('45'), () => socket.nextPing()),
      'now',
    )
    expect((await have(46)).slice(42)).toEqual(['42', '43', '44', '45'])
  })

  it('is congested while its peer reads nothing, and tells once when that is over', async () => {
    let told = 0
    const tell = () => {
      told += 1
    }
    client.pause()
    await fillUntil(() => socket.isCongested())
    expect(ours.readyState).toBe(WebSocket.OPEN)
    const drained = new Promise<void>((resolve) => socket.onceDrained(resolve))
    socket.onceDrained(tell)
    await nextTurn()
    expect(told).toBe(0)
    client.resume()
    await drained
    expect([told, socket.isCongested()]).toEqual([1, false])
    client.pause()
    await fillUntil(() => socket.isCongested())
    client.resume()
    await new Promise<void>((resolve) => socket.onceDrained(resolve))
    expect(told).toBe(1)
  })

  it('tells at once when nothing waits', async () => {
    await new Promise<void>((resolve) => socket.onceDrained(resolve))
    expect(socket.isCongested()).toBe(false)
  })

  it('tells when it closes instead', async () => {
    client.pause()
    await fillUntil(() => socket.isCongested())
    const drained = new Promise<void>((resolve) => socket.onceDrained(resolve))
    client.terminate()
    await drained
    expect(socket.isCongested()).toBe(false)
  })

  it('closes with 4290 once more waits than may, and what it sent before is whole', async () => {
    client.pause()
    let most = 0
    const sent = await fillUntil(() => {
      most = Math.max(most, ours.bufferedAmount)
      return ours.readyState !== WebSocket.OPEN
    })
    expect(most).toBeLessThanOrEqual(maxBacklogBytes)
    const closed = once(client, 'close')
    client.resume()
    expect((await closed)[0]).toBe(4290)
    expect([socket.closedWith, counted]).toEqual([4290, ['backlog_bytes']])
    expect(received.length).toBeGreaterThan(0)
    // The last one was refused.
    expect(received).toEqual(sent.slice(0, -1))
  })

  it('does not take for slow whoever is sent much in one tick', async () => {
    const numbers = ['0', '1', '2', '3']
    for (const number of numbers) socket.send(`${number} ${'x'.repeat(90_000)}`)
    expect(await have(4)).toEqual(numbers)
  })
})
