import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What a replica does wrong. Each is what was seen of some server, proxy or machine. */
export const faults = {
  'says nothing': { onConnection: () => {} },
  'answers with garbage': { onConnection: (socket: Socket) => void socket.write('\u0000garbage\r\n\r\n') },
  'begins an answer and stalls': {
    onConnection: (socket: Socket) =>
      void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"data":')),
  },
  'never acknowledges': { onMessage: () => {} },
  'answers pings, and never acknowledges': { onMessage: (socket: Socket) => void socket.write(text({ type: 'ping' })) },
  'sends frames that are none': { onMessage: (socket: Socket) => void socket.write(Buffer.alloc(64, 0xff)) },
  'sends text that is no JSON': { onMessage: (socket: Socket) => void socket.write(frame(0x81, Buffer.from('{'))) },
  'half-closes': { onMessage: (socket: Socket) => void socket.end() },
  'sends Close and leaves TCP open': {
    onMessage: (socket: Socket) => void socket.write(frame(0x88, Buffer.from([3, 232]))),
  },
  'acknowledges, then freezes': { onMessage: (socket: Socket, nth: number) => void (nth === 1 && acknowledge(socket)) },
  'acknowledges, answers pings, and never begins': {
    onMessage: (socket: Socket, nth: number) =>
      void (nth === 1 ? acknowledge(socket) : socket.write(text({ type: 'pong' }))),
  },
  'acknowledges, then sends Close and leaves TCP open': {
    onMessage: (socket: Socket, nth: number) =>
      void (nth === 1 ? acknowledge(socket) : socket.write(frame(0x88, Buffer.from([3, 232])))),
  },
} satisfies Record<string, Fault>

interface Fault {
  onConnection?(socket: Socket): void
  /** Called with each chunk after the upgrade, and its number. */
  onMessage?(socket: Socket, nth: number): void
}

export interface BrokenReplica {
  url: string
  close(): Promise<void>
}

/** A replica of a subgraph that is reached, and does this wrong. One that is broken over WebSocket answers nothing over HTTP. */
export async function startBrokenReplica({ onConnection, onMessage }: Fault): Promise<BrokenReplica> {
  const sockets = new Set<Socket>()
  const server = createServer(() => {})
  if (onConnection) server.removeAllListeners('connection')
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection?.(socket)
  })
  server.on('upgrade', (request, socket: Socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
    )
    let count = 0
    socket.on('data', () => {
      count += 1
      onMessage?.(socket, count)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const frame = (head: number, body: Buffer) => Buffer.concat([Buffer.from([head, body.length]), body])
const text = (message: object) => frame(0x81, Buffer.from(JSON.stringify(message)))
const acknowledge = (socket: Socket) => socket.write(text({ type: 'connection_ack' }))
