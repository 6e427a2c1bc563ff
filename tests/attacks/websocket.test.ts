import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../../dev/network.ts'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { ask, createRoom, joinRoom, type Person, send, signIn, signUp } from '../clients.ts'
import { connect, type Message, openSocket, type RawSocket } from '../gateway/raw-socket.ts'
import { startSystem } from '../system.ts'

const events = `subscription ($roomId: ID!) {
  roomEvents(roomId: $roomId) { __typename ... on MessageSent { message { text } } }
}`
const texts = (socket: RawSocket, id: string) =>
  socket.nexts(id).flatMap(({ data }) => data?.roomEvents?.message?.text ?? [])
const isNext = (id: string, text?: string) => (message: Message) =>
  message.id === id &&
  message.type === 'next' &&
  (text === undefined || message.payload.data.roomEvents.message?.text === text)
const isError = (id: string) => (message: Message) => message.id === id && message.type === 'error'
const isComplete = (id: string) => (message: Message) => message.id === id && message.type === 'complete'
const repeat = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

describe('attacks on the WebSocket', () => {
  let system: Network
  let ann: Person
  let ben: Person
  let roomId: string
  /** A well-behaved reader: whatever happens to others, it must go on. */
  let witness: RawSocket
  let sentSoFar = 0

  beforeAll(async () => {
    // Without a grace, whoever comes with a refresh token that was traded is a thief.
    const auth = { refreshGrace: 0 }
    system = await startSystem({ gateway: { allowedOrigins: ['https://chat.example.com'] }, auth })
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    witness = await connect(system.url, ann.headers.authorization)
    witness.subscribe('witness', events, { roomId })
    await witness.find(isNext('witness'))
  })
  afterAll(async () => {
    witness.socket.terminate()
    await system.stop()
  })

  const signedIn = (who: Person = ben) => connect(system.url, who.headers.authorization)
  const listening = async (who: Person = ben) => {
    const socket = await signedIn(who)
    socket.subscribe('room', events, { roomId })
    await socket.find(isNext('room'))
    return socket
  }
  /** Sends a message and waits until these sockets have it: they are alive, and so is the witness. */
  const reaches = async (...sockets: RawSocket[]) => {
    const text = `message ${++sentSoFar}`
    await send(ann, roomId, text)
    await witness.find(isNext('witness', text))
    for (const socket of sockets) await socket.find(isNext('room', text))
  }

  describe('the upgrade', () => {
    const statusOf = (headers: Record<string, string>, path = '') =>
      openSocket(`${system.url}${path}`, { headers }).then(
        async (socket) => {
          await socket.close()
          return 101
        },
        (error: Error) => Number(/\d{3}$/.exec(error.message)?.[0]),
      )

    it('is refused with 403 for a page of an origin that is not on the list', async () => {
      for (const origin of [
        'https://evil.example',
        'null',
        'http://chat.example.com',
        'https://chat.example.com.evil.example',
      ])
        expect(await statusOf({ origin })).toBe(403)
    })

    it('is accepted for an origin on the list, the gateway itself, and clients that are no pages', async () => {
      expect(await statusOf({ origin: 'https://chat.example.com' })).toBe(101)
      expect(await statusOf({ origin: system.url })).toBe(101)
      expect(await statusOf({})).toBe(101)
    })

    it('is refused with 404 on any other path', async () => {
      expect(await statusOf({}, '/elsewhere')).toBe(404)
    })

    const upgrade = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`
    const raw = (text: string, answer: (socket: ReturnType<typeof connectTcp>) => void) =>
      new Promise<string>((resolve) => {
        let received = ''
        const socket = connectTcp(Number(new URL(system.url).port), '127.0.0.1', () =>
          socket.write(text, () => answer(socket)),
        )
        socket.on('data', (data) => {
          received += data
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve(received))
      })

    it('of a path that is no URL is refused, and the process lives on', async () => {
      expect(await raw(upgrade('//'), () => {})).toMatch(/^HTTP\/1.1 404/)
      await reaches()
    })

    it('that is refused may be reset at any moment, and the process lives on', async () => {
      await Promise.all(
        repeat(100, () => raw(upgrade('/elsewhere'), (socket) => setImmediate(() => socket.resetAndDestroy()))),
      )
      await reaches()
    })

    it('offers no compression', async () => {
      const socket = await openSocket(system.url, { perMessageDeflate: true })
      expect(socket.socket.extensions).toBe('')
      await socket.close()
    })

    it('without the protocol of graphql-ws is closed', async () => {
      const answer = await raw(
        upgrade('/graphql').replace('\r\n\r\n', '\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'),
        () => {},
      )
      expect(answer).toMatch(/^HTTP\/1.1 101/)
    })
  })

  describe('signing in', () => {
    const init = (payload?: unknown) => JSON.stringify({ type: 'connection_init', payload })
    const closeCodeAfter = async (...frames: (string | Buffer)[]) => {
      const socket = await openSocket(system.url)
      for (const frame of frames) socket.socket.send(frame)
      return socket.closed
    }

    it('must come by itself: nothing for some seconds closes the socket with 4408', async () => {
      expect(await closeCodeAfter()).toBe(4408)
    })

    it('twice closes it with 4429', async () => {
      const payload = { authorization: ben.headers.authorization }
      expect(await closeCodeAfter(init(payload), init(payload))).toBe(4429)
    })

    const subscribe = JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: '{ __typename }' } })
    it('after a subscribe is too late: 4401', async () => {
      expect(await closeCodeAfter(subscribe)).toBe(4401)
      expect(await closeCodeAfter(subscribe, init({ authorization: ben.headers.authorization }))).toBe(4401)
    })

    it('comes before a subscribe that is sent right after it, or closes the socket: nothing runs unsigned', async () => {
      const socket = await openSocket(system.url)
      socket.send(init({ authorization: ben.headers.authorization }))
      socket.send(subscribe)
      const answer = socket.find(({ type }) => type === 'next').catch(() => undefined)
      if (await answer) expect(socket.messages[0]?.type).toBe('connection_ack')
      else expect(await socket.closed).toBe(4401)
      await socket.close()
    })

    it('without a token, or with a bad one, closes it with 4403', async () => {
      const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
      const unsigned = `${header}.${ben.accessToken.split('.')[1]}.x`
      const bad = [
        undefined,
        'Bearer',
        'Bearer a.b.c',
        `Basic ${ben.accessToken}`,
        `Bearer ${unsigned}`,
        ['Bearer a'],
        7,
      ]
      for (const authorization of bad) expect(await closeCodeAfter(init({ authorization }))).toBe(4403)
      for (const payload of [undefined, {}]) expect(await closeCodeAfter(init(payload))).toBe(4403)
    })

    it('takes the authorization in any case', async () => {
      const socket = await openSocket(system.url)
      socket.send(init({ AUTHORIZATION: ben.headers.authorization }))
      await socket.find(({ type }) => type === 'connection_ack')
      await socket.close()
    })

    it('closes the 21st socket of a user with 4429 and leaves the others alone', async () => {
      const cat = await signUp(system.url, 'Cat')
      await joinRoom(cat, roomId)
      const sockets = [await listening(cat), ...(await Promise.all(repeat(19, () => signedIn(cat))))]
      expect(await closeCodeAfter(init(cat.headers))).toBe(4429)
      await reaches(sockets[0] as RawSocket)
      await sockets[5]?.close()
      sockets.push(await signedIn(cat))
      for (const { socket } of sockets) socket.terminate()
    })
  })

  describe('frames', () => {
    it('over 64 kB close the socket with 1009', async () => {
      const socket = await listening()
      socket.send(JSON.stringify({ id: 'big', type: 'subscribe', payload: { query: `{ a }${' '.repeat(70_000)}` } }))
      expect(await socket.closed).toBe(1009)
      await reaches()
    })

    it('more than 200 at once close the socket with 4429', async () => {
      const socket = await listening()
      for (const _ of repeat(400, () => 0)) socket.send({ type: 'ping' })
      expect(await socket.closed).toBe(4429)
      await reaches()
    })

    it('of control count like any other: a flood of pings or pongs closes the socket with 4429', async () => {
      for (const flood of ['ping', 'pong'] as const) {
        const socket = await listening()
        for (const _ of repeat(400, () => 0)) socket.socket[flood](Buffer.alloc(125))
        expect([flood, await socket.closed]).toEqual([flood, 4429])
        await reaches()
      }
    })

    it('in many small fragments, or of more bytes than a second allows, close the socket', async () => {
      const fragments = await listening()
      for (const n of repeat(400, (index) => index)) fragments.socket.send('', { fin: n === 399 })
      expect(await fragments.closed).toBe(1008)
      const large = await listening()
      // Not pings: each is answered with its payload, and a client of ws that cannot get its own answers out gives up by itself.
      const pong = JSON.stringify({ type: 'pong', payload: { text: 'x'.repeat(60_000) } })
      for (const _ of repeat(100, () => 0)) large.send(pong)
      expect(await large.closed).toBe(4429)
      await reaches()
    })

    it('of a flood that goes on after the close tell its client 4429 all the same', async () => {
      const { socket, closed } = await listening()
      const message = JSON.stringify({ type: 'pong', payload: { text: 'x'.repeat(60_000) } })
      const flood = setInterval(() => {
        // Some megabytes are always on their way.
        while (socket.readyState === socket.OPEN && socket.bufferedAmount < 5_000_000) socket.send(message)
      }, 1)
      const code = await closed
      clearInterval(flood)
      expect(code).toBe(4429)
      await reaches()
    })

    it('of control at a human pace are answered', async () => {
      const socket = await listening()
      const answered = once(socket.socket, 'pong')
      socket.socket.ping('hello')
      expect(String((await answered)[0])).toBe('hello')
      await reaches(socket)
      await socket.close()
    })

    it('that are binary, no JSON, or no message of the protocol close their socket only', async () => {
      const frames = [
        Buffer.from('{"type":"ping"}'),
        '{',
        '[]',
        '"ping"',
        'null',
        '{"type":"nope"}',
        '{"type":"subscribe"}',
      ]
      for (const frame of frames) {
        const socket = await signedIn()
        socket.socket.send(frame)
        expect(await socket.closed).toBe(4400)
      }
      await reaches()
    })

    it('nested deeper than any message is close their socket only, as bad ones', async () => {
      for (const type of ['ping', 'pong', 'connection_init', 'complete', 'nope']) {
        for (const [open, close] of [
          ['{"a":', '}'],
          ['[', ']'],
        ] as const) {
          const levels = open === '[' ? 30_000 : 10_000
          const socket = await signedIn()
          socket.send(`{"type":"${type}","id":"a","payload":{"a":${open.repeat(levels)}1${close.repeat(levels)}}}`)
          expect([type, await socket.closed]).toEqual([type, 4400])
        }
      }
      await reaches()
    })

    it('that only a server sends close their socket only', async () => {
      for (const type of ['connection_ack', 'next', 'error']) {
        const socket = await signedIn()
        socket.send({ type, id: 'a', payload: {} })
        expect(await socket.closed).toBe(4400)
      }
      await reaches()
    })
  })

  describe('operations', () => {
    it('that are bad get an error each, without a word of the inside, and the other subscription lives on', async () => {
      const socket = await listening()
      const deep = `{ ${'room(id: "x") { members { edges { node { user { '.repeat(3)} id ${'} } } } } '.repeat(3)} }`
      const bad: [string, string, object?][] = [
        ['syntax', 'subscription {'],
        ['empty', ''],
        ['unknown field', 'subscription { nothing }'],
        ['unknown entity', '{ _service { sdl } }'],
        ['wrong variable', events, { roomId: { $ne: null } }],
        ['missing variable', events, {}],
        ['too deep', deep],
        ['circle', '{ ...a } fragment a on Query { ...a }'],
        ['two at once', 'subscription { inbox { __typename } presence(userIds: []) { __typename } }'],
        ['no operation', 'fragment a on Query { __typename }'],
        ['no such room', events, { roomId: 'x' }],
      ]
      for (const [id, query, variables] of bad) socket.subscribe(id, query, variables)
      for (const [id] of bad) {
        const { payload } = await socket.find((message) => message.id === id)
        const errors = payload.errors ?? payload
        expect([id, errors[0].extensions.code]).toEqual([id, expect.stringMatching(/BAD_USER_INPUT|NOT_FOUND/)])
        expect(JSON.stringify(errors)).not.toMatch(/node_modules|stack|127\.0\.0\.1|localhost/i)
      }
      await reaches(socket)
      await socket.close()
    })

    it('of odd shape are refused, and the other subscription lives on', async () => {
      const socket = await listening()
      for (const [index, payload] of [
        { query: '{ __typename }', variables: { a: JSON.parse(`${'{"b":'.repeat(40)}1${'}'.repeat(40)}`) } },
        { query: '{ __typename }', operationName: 'Other' },
        { query: `{ ${repeat(40, (n) => `a${n}: __typename`).join(' ')} }` },
        { query: `{ ${'__typename '.repeat(500)} }` },
      ].entries()) {
        socket.send({ id: `odd ${index}`, type: 'subscribe', payload })
        await socket.find(
          (message) => message.id === `odd ${index}` && (message.type === 'error' || message.payload.errors),
        )
      }
      await reaches(socket)
      await socket.close()
    })

    it('run one exclusive mutation each, however it is written', async () => {
      const socket = await signedIn()
      const login = (n: number) => `a${n}: login(input: { username: "nobody", password: "nothing at all" }) { userId }`
      socket.subscribe('flat', `mutation { ${repeat(16, login).join(' ')} }`)
      const spread = repeat(3, (n) => `fragment f${n} on Mutation { ... { ${login(n)} } }`).join(' ')
      socket.subscribe('spread', `mutation { ...f0 ...f1 ... { ...f2 } } ${spread}`)
      for (const id of ['flat', 'spread']) {
        const { payload } = await socket.find(isError(id))
        expect(payload[0].message).toMatch(/at most one of these mutations/)
      }
      await socket.close()
    })

    it('under an id that is taken close the socket with 4409', async () => {
      const socket = await listening()
      socket.subscribe('room', events, { roomId })
      expect(await socket.closed).toBe(4409)
      await reaches()
    })

    it('under an id that the client has just completed run, and nothing of the old operation comes under it', async () => {
      for (const _ of repeat(5, () => 0)) {
        const socket = await listening()
        socket.send({ id: 'room', type: 'complete' })
        socket.subscribe('room', events.replace('text', 'again: text'), { roomId })
        await socket.find((message) => isNext('room')(message) && socket.messages.indexOf(message) > 1)
        const text = `message ${++sentSoFar}`
        await send(ann, roomId, text)
        await socket.find(({ type, payload }) => type === 'next' && payload.data.roomEvents.message?.again === text)
        expect(texts(socket, 'room')).toEqual([])
        expect(socket.messages.filter(isComplete('room'))).toEqual([])
        await socket.close()
      }
      await reaches()
    })

    it('that are refused before they are executed get error and nothing else, whatever their kind', async () => {
      const socket = await listening()
      const deep = `{ ${'a { '.repeat(12)} b ${'} '.repeat(12)} }`
      const bodies: [string, object?][] = [
        ['{ nothing }'],
        ['{ me { displayName(size: 1) } }'],
        ['{ me }'],
        ['{ room(id: $id) { id } }'],
        ['{'],
        [deep],
        ['{ ...Missing }'],
        ['{ __typename @unknown }'],
      ]
      const asked: [string, object][] = [
        ...['query', 'mutation', 'subscription'].flatMap((kind) =>
          bodies.map(([body, variables]): [string, object] => [`${kind} ${body}`, variables ?? {}]),
        ),
        ['query ($id: ID!) { room(id: $id) { id } }', {}],
        ['query ($id: ID!) { room(id: $id) { id } }', { id: {} }],
        ['query ($of: Int!) { room(id: "x") { messages(last: $of) { pageInfo { endCursor } } } }', { of: 'many' }],
        ['mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }', { input: {} }],
        ['mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }', {}],
        ['', {}],
        ['fragment a on Query { __typename }', {}],
      ]
      for (const [index, [query, variables]] of asked.entries()) {
        const id = `refused ${index}`
        socket.subscribe(id, query, variables)
        const message = await socket.find((each) => each.id === id)
        expect([query, message.type]).toEqual([query, 'error'])
        expect([query, message.payload[0].extensions.code]).toEqual([query, 'BAD_USER_INPUT'])
      }
      socket.send({ id: 'named', type: 'subscribe', payload: { query: 'query A { __typename }', operationName: 'B' } })
      expect((await socket.find((each) => each.id === 'named')).type).toBe('error')
      // What was executed and failed is a result.
      socket.subscribe('executed', '{ room(id: "00000000-0000-7000-8000-000000000000") { id } }')
      expect((await socket.find((each) => each.id === 'executed')).type).toBe('next')
      await reaches(socket)
      for (const [index] of asked.entries()) {
        expect(socket.messages.filter(({ id }) => id === `refused ${index}`)).toHaveLength(1)
      }
      await socket.close()
    })

    it('past the 50th subscription are refused and the rest is unharmed', async () => {
      const socket = await listening()
      const others = repeat(49, (n) => `s${n}`)
      for (const id of others) socket.subscribe(id, events, { roomId })
      for (const id of others) await socket.find(isNext(id))
      socket.subscribe('one too many', events, { roomId })
      const { payload } = await socket.find((message) => message.id === 'one too many')
      expect(payload[0].extensions).toMatchObject({
        code: 'TOO_MANY_REQUESTS',
        limit: 'subscriptions_per_socket',
        asked: 51,
        allowed: 50,
      })
      await reaches(socket)
      socket.send({ id: 's7', type: 'complete' })
      socket.subscribe('instead', events, { roomId })
      expect((await socket.find((message) => message.id === 'instead')).type).toBe('next')
      await socket.close()
    })

    it('with prototype names as ids and aliases give right data', async () => {
      const socket = await signedIn()
      for (const id of ['__proto__', 'constructor', 'toString']) {
        socket.subscribe(id, `{ ${id}: me { ${id}: displayName } }`)
        const { payload } = await socket.find((message) => message.id === id && message.type === 'next')
        expect(JSON.stringify(payload)).toBe(`{"data":{"${id}":{"${id}":"Ben"}}}`)
      }
      await socket.close()
    })
  })

  describe('the end of a session', () => {
    const password = () => `pass ${Math.random()} word`

    it('by logout closes its sockets with 4401, and no other', async () => {
      const other = await signIn(system.url, ben)
      const [mine, theirs] = [await listening(ben), await listening(other)]
      await other.do('mutation { logout }')
      expect(await theirs.closed).toBe(4401)
      await reaches(mine)
      await mine.close()
    })

    it('by a changed password elsewhere closes its sockets with 4401', async () => {
      const dan = await signUp(system.url, 'Dan')
      const elsewhere = await signIn(system.url, dan)
      const socket = await signedIn(elsewhere)
      const input = { currentPassword: dan.password, newPassword: password() }
      await dan.do('mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userId } }', { input })
      expect(await socket.closed).toBe(4401)
    })

    it('by the reuse of a refresh token closes its sockets with 4401', async () => {
      const eve = await signUp(system.url, 'Eve')
      const socket = await signedIn(eve)
      const refresh = async (refreshToken: string) => {
        const query = 'mutation ($input: RefreshInput!) { refresh(input: $input) { refreshToken } }'
        const { data } = await ask<{ refresh: { refreshToken: string } }>(system.url, query, {
          input: { refreshToken },
        })
        return data?.refresh.refreshToken
      }
      const second = await refresh(eve.refreshToken)
      await refresh(second as string)
      expect(await refresh(eve.refreshToken)).toBeUndefined()
      expect(await socket.closed).toBe(4401)
      const again = await openSocket(system.url)
      again.send({ type: 'connection_init', payload: eve.headers })
      expect(await again.closed).toBe(4403)
    })
  })

  it('removal from a room completes the subscription, with no later event of it', async () => {
    const room = await createRoom(ann, 'PRIVATE')
    const fay = await signUp(system.url, 'Fay')
    for (const { userId } of [ben, fay]) {
      const input = { roomId: room, userId, role: 'MEMBER' }
      await ann.do('mutation ($input: AddMemberInput!) { addMember(input: $input) { userId } }', { input })
    }
    const [goes, stays] = [await signedIn(fay), await signedIn()]
    for (const socket of [goes, stays]) {
      socket.subscribe('room', events, { roomId: room })
      await socket.find(isNext('room'))
    }
    const remove = 'mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }'
    await ann.do(remove, { roomId: room, userId: fay.userId })
    await send(ann, room, 'after the removal')
    await stays.find(isNext('room', 'after the removal'))
    await goes.find(isComplete('room'))
    expect(texts(goes, 'room')).toEqual([])
    goes.subscribe('again', events, { roomId: room })
    const { payload } = await goes.find(({ id }) => id === 'again')
    expect(payload).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
    expect(goes.messages.filter(isNext('room'))).toHaveLength(2)
    await Promise.all([goes.close(), stays.close()])
  })

  describe('a ping with a token', () => {
    const ping = (authorization: string) => ({ type: 'ping', payload: { authorization } })

    it('of another session closes the socket with 4403', async () => {
      const other = await signIn(system.url, ben)
      for (const who of [ann, other]) {
        const socket = await signedIn()
        socket.send(ping(who.headers.authorization))
        expect(await socket.closed).toBe(4403)
      }
    })

    it('that is garbage closes it with 4403', async () => {
      const socket = await signedIn()
      socket.send(ping('Bearer a.b.c'))
      expect(await socket.closed).toBe(4403)
    })

    it('that is good, or with none at all, changes nothing', async () => {
      const socket = await listening()
      socket.send({ type: 'ping' })
      socket.send({ type: 'ping', payload: { something: 'else' } })
      socket.send(ping(ben.headers.authorization))
      await reaches(socket)
      expect(socket.messages.filter(({ type }) => type === 'pong')).toHaveLength(3)
      await socket.close()
    })
  })
})

describe('a token that runs out', () => {
  let system: Network
  beforeAll(async () => {
    system = await startSystem({ auth: { accessTokenLifetime: 1 } })
  })
  afterAll(() => system.stop())

  it('closes the socket with 4403, unless a new one came by ping', async () => {
    const ann = await signUp(system.url, 'Ann')
    const [lapses, lives] = [
      await connect(system.url, ann.headers.authorization),
      await connect(system.url, ann.headers.authorization),
    ]
    let refreshToken = ann.refreshToken
    const renew = async () => {
      const query = 'mutation ($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }'
      const { data } = await ask<{ refresh: { accessToken: string; refreshToken: string } }>(system.url, query, {
        input: { refreshToken },
      })
      refreshToken = data?.refresh.refreshToken as string
      lives.send({ type: 'ping', payload: { authorization: `Bearer ${data?.refresh.accessToken}` } })
      await lives.find(() => lives.messages.filter(({ type }) => type === 'pong').length > 0)
    }
    const renewing = setInterval(() => void renew(), 1_000)
    try {
      expect(await lapses.closed).toBe(4403)
      expect(lives.socket.readyState).toBe(lives.socket.OPEN)
    } finally {
      clearInterval(renewing)
    }
    expect(await lives.closed).toBe(4403)
  })
})

describe('a reader that stops reading', () => {
  let system: Network
  beforeAll(async () => {
    system = await startSystem({ gateway: { sockets: { ...defaultSocketLimits, maxBacklogBytes: 200_000 } } })
  })
  afterAll(() => system.stop())

  it('is dropped within its byte bound while the others get every event', async () => {
    const ann = await signUp(system.url, 'Ann')
    const ben = await signUp(system.url, 'Ben')
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const reads = await connect(system.url, ann.headers.authorization)
    reads.subscribe('room', events, { roomId })
    await reads.find(isNext('room'))

    const stalls = await connect(system.url, ben.headers.authorization)
    const fat = events.replace('{ text }', '{ text again: text }')
    for (const id of repeat(45, String)) stalls.subscribe(id, fat, { roomId })
    for (const id of repeat(45, String)) await stalls.find(isNext(id))
    stalls.socket.pause()

    // Far more than its bound, the kernel's buffers, and what a shared stream keeps for those who are behind.
    const sent = repeat(200, (n) => `${n} ${'x'.repeat(3_900)}`)
    for (const text of sent) await send(ann, roomId, text)
    await reads.find(isNext('room', sent.at(-1)))
    expect(texts(reads, 'room')).toEqual(sent)

    stalls.socket.resume()
    expect([4290, 1006]).toContain(await stalls.closed)
    expect(stalls.nexts('0').length).toBeLessThan(sent.length)
    await reads.close()
  })
})

describe('the stop of the system', () => {
  it('closes every socket with 1012', async () => {
    const system = await startSystem()
    const ann = await signUp(system.url, 'Ann')
    const roomId = await createRoom(ann)
    const sockets = await Promise.all(repeat(5, () => connect(system.url, ann.headers.authorization)))
    for (const socket of sockets) socket.subscribe('room', events, { roomId })
    for (const socket of sockets) await socket.find(isNext('room'))
    await system.stop()
    for (const socket of sockets) expect(await socket.closed).toBe(1012)
  })
})
