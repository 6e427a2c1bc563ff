import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createBrokenRequests } from './broken-requests.ts'

describe('a request that Node cannot read', () => {
  const server = () => createServer({ headersTimeout: 200, connectionsCheckingInterval: 20 }).on('clientError', seen)
  let broken: [Error, Socket][]
  const handle = createBrokenRequests()
  const seen = (error: Error, socket: Socket) => {
    broken.push([error, socket])
    handle(error, socket)
  }
  let running: ReturnType<typeof server>
  beforeEach(async () => {
    broken = []
    running = server().listen(0, '127.0.0.1')
    await once(running, 'listening')
  })
  afterEach(() => void running.close())

  const ask = async (start: string) => {
    const socket = connect((running.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(start)
    return text(socket).catch(() => '')
  }

  it.each([
    ['hello\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: a\r\n', 408],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('is answered as every other refusal, and its connection is closed (%#)', async (start, status) => {
    const [head = '', body = ''] = (await ask(start)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toContain(`content-length: ${body.length}`)
    expect(JSON.parse(body)).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })

  it('is answered in a later turn when many run out of time together, and each of them is', async () => {
    const waiting = Array.from({ length: 100 }, () => ask('POST / HTTP/1.1\r\nhost: a\r\n'))
    const answers = await Promise.all(waiting)
    expect(new Set(answers.map((answer) => answer.split('\r\n')[0]))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']))
    expect(broken.every(([, socket]) => socket.destroyed)).toBe(true)
  })

  it('leaves other work its turns', async () => {
    const answered: number[] = []
    const answer = createBrokenRequests()
    const sockets = Array.from({ length: 30 }, (_, index) => ({
      destroyed: false,
      writable: true,
      write() {},
      destroy: () => void answered.push(index),
    }))
    for (const socket of sockets) answer(new Error('broken'), socket as unknown as Socket)
    const counts: number[] = []
    for (; answered.length < sockets.length; counts.push(answered.length)) await new Promise(setImmediate)
    expect(counts).toEqual([8, 16, 24, 30])
    expect(answered).toEqual(sockets.map((_, index) => index))
  })
})
