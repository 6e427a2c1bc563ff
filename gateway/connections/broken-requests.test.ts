import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createBrokenRequests } from './broken-requests.ts'

const fakeSocket = {
  destroyed: false,
  writable: true,
  write() {},
  pause() {
    return this
  },
  on() {
    return this
  },
}

describe('a request that Node cannot read', () => {
  const server = () => createServer({ headersTimeout: 200, connectionsCheckingInterval: 20 }).on('clientError', seen)
  let broken: [Error, Socket][]
  let handle: ReturnType<typeof createBrokenRequests>
  const seen = (error: Error, socket: Socket) => {
    broken.push([error, socket])
    handle(error, socket)
  }
  let running: ReturnType<typeof server>
  beforeEach(async () => {
    broken = []
    handle = createBrokenRequests()
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
      ...fakeSocket,
      destroy: () => void answered.push(index),
    }))
    for (const socket of sockets) answer(new Error('broken'), socket as unknown as Socket)
    const counts: number[] = []
    for (; answered.length < sockets.length; counts.push(answered.length)) await new Promise(setImmediate)
    expect(counts).toEqual([8, 16, 24, 30])
    expect(answered).toEqual(sockets.map((_, index) => index))
  })

  it.each([
    ['head', 'POST /late HTTP/1.1\r\nhost: a\r\n', 'content-length: 0\r\n\r\n', []],
    ['body', 'POST /late HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab', 'cd', ['late head']],
  ])('does not run when the rest of its %s comes while its refusal waits', async (_, start, rest, seenBefore) => {
    running.requestTimeout = 200
    const events: string[] = []
    running.on('request', (request, response) => {
      const name = request.url === '/late' ? 'late' : 'other'
      events.push(`${name} head`)
      // Its body is read only once it is too late, which resumes the connection.
      if (name === 'late') return void timedOut.then(() => request.resume().once('end', () => events.push('late body')))
      response.end()
    })
    const late = connect((running.address() as AddressInfo).port, '127.0.0.1')
    const closed = new Promise((gone) => late.resume().once('close', gone))
    late.on('error', () => {})
    const { promise: timedOut, resolve } = Promise.withResolvers<void>()
    const turns: (() => void)[] = []
    handle = createBrokenRequests((turn) => {
      turns.push(turn)
      resolve()
    })
    late.write(start)
    await timedOut
    await new Promise((written) => late.write(rest, written))
    // The server has read the rest by now if it reads it at all.
    for (let times = 0; times < 3; times += 1) await ask('GET /other HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    for (const turn of turns) turn()
    // What it never read of the connection makes it reset it, so the answer may be lost.
    await closed
    expect(events).toEqual([...seenBefore, 'other head', 'other head', 'other head'])
  })

  it('is not answered within an answer that has begun', async () => {
    running.on('request', (_, response) => void response.write('one'))
    const socket = connect((running.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', (data) => {
      answer += data
      if (answer.includes('one')) socket.write('hello\r\n\r\n')
    })
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(socket, 'close')
    expect(broken).toHaveLength(1)
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n3\r\none\r\n$/)
  })
})
