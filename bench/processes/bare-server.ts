import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from './answer-parent.ts'

let server: WebSocketServer | undefined

const answers = {
  /**
   * Starts the floor of the benchmarks: a server of `ws` and nothing else. A socket listens to the room that its path names, and
   * what a socket of the path `/` sends, as `<room> <text>`, goes to all of them; then it hears `ack`. Who speaks
   * graphql-transport-ws is greeted, and gets these frames when it subscribes.
   */
  async start(frames: string[] = []) {
    const rooms = new Map<string, Set<WebSocket>>()
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
    server.on('connection', (socket, { url = '' }) => {
      const room = url.slice(1)
      const listeners = rooms.get(room) ?? new Set()
      rooms.set(room, listeners.add(socket))
      socket.on('close', () => void listeners.delete(socket))
      socket.on('message', (data: Buffer) => {
        if (data[0] === brace) return greet(socket, String(data), frames)
        const end = data.indexOf(' ')
        const text = data.subarray(end + 1)
        const heard = rooms.get(data.toString('latin1', 0, end)) ?? []
        for (const listener of heard) listener.send(text, { binary: false })
        socket.send('ack')
      })
    })
    await once(server, 'listening')
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
}
export type BareServer = typeof answers

const brace = '{'.charCodeAt(0)

function greet(socket: WebSocket, message: string, frames: string[]): void {
  const { type } = JSON.parse(message)
  if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
  if (type === 'subscribe') for (const frame of frames) socket.send(frame)
}

answerParent(answers, () => {
  for (const socket of server?.clients ?? []) socket.terminate()
  server?.close()
})
