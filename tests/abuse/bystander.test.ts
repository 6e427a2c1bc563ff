import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type WebSocket, WebSocketServer } from 'ws'
import { createResources, type Resources } from '../../platform/lifecycle/resources.ts'
import { openBystander } from './bystander.ts'

const event = (text?: string) => ({
  id: '1',
  type: 'next',
  payload: { data: { roomEvents: text ? { message: { text } } : {} } },
})
const write = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame))
const acknowledge = (response: ServerResponse) => response.end('{"data":{"sendMessage":{"duplicate":false}}}')

describe('a bystander', () => {
  let resources: Resources
  let url: string
  let onSubscribe: (socket: WebSocket) => void
  let onSend: (text: string, response: ServerResponse, request: IncomingMessage) => void
  let sockets: Set<WebSocket>

  beforeEach(async () => {
    resources = createResources()
    onSubscribe = (socket) => write(socket, event())
    const http = createServer(async (request, response) => {
      const { variables } = JSON.parse((await request.toArray()).join(''))
      onSend(variables.input.text, response, request)
    })
    resources.onClose(async () => {
      http.closeAllConnections()
      http.close()
    })
    const server = new WebSocketServer({ server: http })
    sockets = server.clients
    resources.onClose(() => {
      for (const socket of sockets) socket.terminate()
    })
    server.on('connection', (socket) => {
      socket.on('message', (frame) => {
        if (JSON.parse(String(frame)).type === 'connection_init') write(socket, { type: 'connection_ack' })
        else onSubscribe(socket)
      })
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  })
  afterEach(() => resources.close())

  const open = async () => resources.own(await openBystander({ url, accessToken: 'any' }, 'room'))
  /** Chats until the first message was sent, and does with it what is given. */
  const chatOnce = async (answer: typeof onSend) => {
    const bystander = await open()
    const over = new AbortController()
    onSend = (...given) => {
      over.abort()
      answer(...given)
    }
    return bystander.chat(over.signal)
  }
  const publish = (frame: object) => {
    for (const socket of sockets) write(socket, frame)
  }

  it('measures how long a message takes from its send to its event', async () => {
    const { delays, lost } = await chatOnce((text, response) => {
      acknowledge(response)
      publish(event(text))
    })
    expect([delays.length, lost]).toEqual([1, []])
  })

  it.each<[string, string, (socket: WebSocket) => void]>([
    ['the socket closes', 'closed with 4429 slow down', (socket) => socket.close(4429, 'slow down')],
    ['the connection is cut', 'closed with 1006', (socket) => socket.terminate()],
    [
      'the subscription is refused',
      'FORBIDDEN',
      (socket) => write(socket, { id: '1', type: 'error', payload: ['FORBIDDEN'] }),
    ],
    ['the subscription completes', 'complete', (socket) => write(socket, { id: '1', type: 'complete' })],
  ])('says why at once when %s, before the first event and after it', async (_, reason, end) => {
    const lost = await chatOnce(() => sockets.forEach(end))
    expect(lost).toEqual({ delays: [], lost: [expect.stringContaining(reason)] })
    onSubscribe = end
    await expect(open()).rejects.toThrow(reason)
  })

  it.each<[string, string, typeof onSend]>([
    ['refused', 'refused with 429: no', (_, response) => response.writeHead(429).end('no')],
    ['not answered', 'socket hang up', (_, _response, request) => request.socket.destroy()],
    [
      'answered by half',
      'aborted',
      (_, response) => response.writeHead(200).write('{"data"', () => response.destroy()),
    ],
  ])('counts a message that is %s as lost, with the reason', async (_, reason, answer) => {
    expect(await chatOnce(answer)).toEqual({ delays: [], lost: [expect.stringContaining(reason)] })
  })
})
