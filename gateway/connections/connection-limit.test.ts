import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { createMetrics } from '../../platform/metrics/metrics.ts'
import { limitConnections } from './connection-limit.ts'

it.each([
  ['of an address', { perAddress: 2, total: 100 }],
  ['altogether', { perAddress: 100, total: 2 }],
])('connections %s whose clients leave their answers unread make room, the oldest first', async (_, most) => {
  const answer = Buffer.alloc(20_000_000)
  const server = createServer((_, response) => void response.end(answer))
  limitConnections(server, {
    limits: { ...most, headersTimeout: 1_000 },
    isTrustedProxy: () => false,
    countLimit: () => {},
    metrics: createMetrics('test'),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(socket, 'readable')
    return socket
  }
  const [first, second] = [await ask(), await ask()]
  const gone = once(first, 'close')
  const third = await ask()
  first.resume()
  await gone
  expect(first.bytesRead).toBeLessThan(answer.length)
  expect([second.closed, third.closed]).toEqual([false, false])
  for (const socket of [second, third]) socket.destroy()
  server.close()
})

it('closes connections whose clients leave too much unread in all, and no one who reads slowly while it is less', async () => {
  const answer = Buffer.alloc(20_000_000)
  const server = createServer((_, response) => void response.end(answer))
  const limits: string[] = []
  limitConnections(server, {
    limits: { perAddress: 100, total: 100, headersTimeout: 1_000 },
    mostUnread: 70_000_000,
    isTrustedProxy: () => false,
    countLimit: (limit) => void limits.push(limit),
    metrics: createMetrics('test'),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  let closed = 0
  for (; closed === 0 && sockets.length < 100; await pause(20)) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(socket, 'connect')
    sockets.push(socket)
    closed = limits.length
    if (sockets.length <= 3) expect(closed).toBe(0)
  }
  expect(new Set(limits)).toEqual(new Set(['unread_answer_bytes']))
  expect(sockets.length).toBeGreaterThan(3)
  // What was not closed still comes whole.
  const taken = await Promise.all(sockets.map((socket) => bytesOf(socket)))
  expect(taken.filter((bytes) => bytes > answer.length).length).toBeGreaterThanOrEqual(2)
  expect(taken.some((bytes) => bytes < answer.length)).toBe(true)
  server.close()
})

/** How many bytes a client gets until a whole answer has come, or its connection has closed. */
const bytesOf = (socket: Socket) =>
  new Promise<number>((resolve) => {
    socket.on('close', () => resolve(socket.bytesRead))
    socket.on('data', () => {
      if (socket.bytesRead > 20_000_000) socket.destroy()
    })
  })
