import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultLimits } from '../../gateway/config.ts'
import { ask, type Person, signUp } from '../clients.ts'
import { connect, eventually, type RawSocket } from '../gateway/raw-socket.ts'
import { expectAlive, expectCode } from './refusals.ts'
import { askSocket } from './socket-client.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const maxResponseBytes = 60_000
const messages = 'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { edges { node { text } } } } }'

describe('the response of an operation', () => {
  let system: WatchedSystem
  let ann: Person
  let room: string

  beforeAll(async () => {
    system = await startWatchedSystem({ gateway: { limits: { ...defaultLimits, maxResponseBytes } } })
    ann = await signUp(system.url, 'Ann')
    const made = await ann.do<{ createRoom: { id: string } }>(
      'mutation { createRoom(input: { kind: PUBLIC, name: "Texts" }) { id } }',
    )
    room = made.createRoom.id
    const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }'
    for (let count = 0; count < 30; count += 1) {
      await ann.do(send, { input: { roomId: room, text: 'x'.repeat(3_900), clientMessageId: randomUUID() } })
    }
  })
  afterAll(() => system.stop())
  beforeEach(() => system.forget())

  it('may come close to its bound', async () => {
    expect((await ann.try(messages, { id: room, n: 14 })).errors).toBeUndefined()
  })

  it('stops at the subgraph once it is over its bound, whatever was estimated, over HTTP and WebSocket', async () => {
    const replies = [
      await ann.try(messages, { id: room, n: 30 }),
      await askSocket(system.url, messages, ann.accessToken, { id: room, n: 30 }),
    ]
    for (const reply of replies) {
      const { extensions } = expectCode(reply, 'BAD_USER_INPUT')
      expect(extensions).toMatchObject({ field: 'query', limit: 'response_bytes', allowed: maxResponseBytes })
      expect(extensions).toHaveProperty('asked')
    }
    // One request each: what was too much is asked of nobody again.
    expect(system.calls).toHaveLength(2)
    await expectAlive(system.url)
  })

  it('has one bound for all of its subgraph requests together', async () => {
    const twice = messages
      .replace('{ room', '{ one: room')
      .replace(/}$/, ' two: room(id: $id) { messages(first: $n) { edges { node { text } } } } }')
    const reply = await ann.try(twice, { id: room, n: 10 })
    expect(expectCode(reply, 'BAD_USER_INPUT').extensions).toMatchObject({ limit: 'response_bytes' })
  })

  const rooms = '{ rooms { edges { cursor } } }'
  const create = 'mutation { createRoom(input: { kind: PUBLIC, name: "Left alone" }) { id } }'
  /** Asks without waiting for the answer; returns what hangs up. */
  const askOverHttp = (query: string) => {
    const headers = { 'content-type': 'application/json', ...ann.headers }
    const client = httpRequest(`${system.url}/graphql`, { method: 'POST', headers })
    client.on('error', () => {})
    client.end(JSON.stringify({ query }))
    return () => void client.destroy()
  }
  const askOverSocket = async (query: string, leave: (socket: RawSocket) => void) => {
    const socket = await connect(system.url, ann.headers.authorization)
    socket.subscribe('1', query)
    return () => leave(socket)
  }
  const ways: [how: string, start: (query: string) => Promise<() => void>][] = [
    ['hangs up, over HTTP', async (query) => askOverHttp(query)],
    ['hangs up, over a WebSocket', (query) => askOverSocket(query, ({ socket }) => socket.terminate())],
    ['completes it', (query) => askOverSocket(query, ({ send }) => send({ id: '1', type: 'complete' }))],
  ]

  it.each(ways)('is given up at the subgraph when the client %s; a mutation is not', async (_, start) => {
    const letGo = system.hold('chat')
    const leaveMutation = await start(create)
    await eventually(() => system.calls.length === 1, 'the subgraph is asked')
    const leaveQuery = await start(rooms)
    await eventually(() => system.calls.length === 2, 'the subgraph is asked again')
    leaveMutation()
    leaveQuery()
    await eventually(() => system.calls[1]?.aborted === true, 'the query is given up')
    expect(system.calls[0]?.aborted).toBe(false)
    letGo()
    // Its replica is none the worse for it.
    expect((await ann.try(rooms)).errors).toBeUndefined()
  })
})

describe('the headers of a request', () => {
  let system: WatchedSystem
  beforeAll(async () => {
    system = await startWatchedSystem()
  })
  afterAll(() => system.stop())

  it.each([1_000, 8_000, 12_000, 15_000, 15_800, 16_000, 16_300, 17_000, 60_000])(
    'with a cookie of %d bytes is served or refused with 431, and never looks like an outage',
    async (length) => {
      const cookie = `parley_refresh=${'x'.repeat(length)}`
      for (const query of ['mutation { refresh { userId } }', '{ __typename }']) {
        const response = await fetch(`${system.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', cookie },
          body: JSON.stringify({ query }),
        })
        const text = await response.text()
        expect([200, 401, 431]).toContain(response.status)
        expect(text).not.toContain('UNAVAILABLE')
        expect(text).not.toContain('INTERNAL')
        if (length > 15 * 1024) expect(response.status).toBe(431)
      }
      await ask(system.url, '{ __typename }').then(({ status }) => expect(status).toBe(200))
    },
  )
})
