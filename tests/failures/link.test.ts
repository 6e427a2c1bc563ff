import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until as untilIt } from '../delivery/until.ts'
import { type Link, startLink } from './link.ts'

/** One connection through a link to a server, and what has come to each end. */
interface Connection {
  client: Socket
  atServer: Socket
  came: { toServer: string; toClient: string }
}

let server: Server
let link: Link
const accepted: Socket[] = []

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => void accepted.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  link = await startLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(() => {
  link.close()
  server.close()
  for (const socket of accepted.splice(0)) socket.destroy()
})

const until = async (holds: () => boolean) => {
  const end = performance.now() + 10_000
  expect(await untilIt(holds, () => end)).toBe(true)
}

async function open(): Promise<Connection> {
  const client = connect({ port: Number(new URL(link.url).port), host: '127.0.0.1', allowHalfOpen: true })
  await once(client, 'connect')
  await until(() => accepted.length === 1)
  const atServer = accepted[0] as Socket
  const came = { toServer: '', toClient: '' }
  for (const [socket, end] of [
    [client, 'toClient'],
    [atServer, 'toServer'],
  ] as const) {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      came[end] += data
    })
  }
  return { client, atServer, came }
}

describe('a link', () => {
  it('lets nothing through in the silent direction, and what was sent meanwhile afterwards, in order', async () => {
    const { client, atServer, came } = await open()
    link.set({ toClient: { isSilent: true } })
    client.write('asked;')
    await until(() => came.toServer === 'asked;')
    atServer.write('answered;')
    client.write('again;')
    await until(() => came.toServer === 'asked;again;')
    expect(came.toClient).toBe('')
    atServer.write('ended')
    atServer.end()
    link.set({ toClient: {} })
    await until(() => came.toClient === 'answered;ended')
    await until(() => client.readableEnded)
  })

  it('keeps the order of what comes while its latency changes, and passes the end last', async () => {
    const { atServer, client, came } = await open()
    const numbers = Array.from({ length: 200 }, (_, index) => `${index};`)
    for (const [index, number] of numbers.entries()) {
      link.set({ toClient: { latency: index % 4 === 0 ? 60 : 0 } })
      await new Promise((resolve) => atServer.write(number, resolve))
      await new Promise(setImmediate)
    }
    atServer.end()
    await until(() => client.readableEnded)
    expect(came.toClient).toBe(numbers.join(''))
  })

  it('carries everything through a pace, and leaves with the sender what it has not taken', async () => {
    const { atServer, client, came } = await open()
    link.set({ toClient: { bytesPerSecond: 200_000 } })
    const text = 'x'.repeat(300_000)
    atServer.end(text)
    await until(() => link.bytes() > 0)
    expect(link.bytes()).toBeLessThan(text.length)
    await until(() => client.readableEnded)
    expect(came.toClient).toBe(text)
  })

  it('ends a connection at the other side when one side breaks it', async () => {
    const { client, atServer } = await open()
    const closed = once(atServer, 'close')
    client.resetAndDestroy()
    await expect(closed).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
