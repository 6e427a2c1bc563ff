import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
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
