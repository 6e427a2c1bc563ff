import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import type { Network } from '../../dev/network.ts'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import { viewerHeader } from '../../platform/identity/viewer.ts'
import { createRoom, type GraphqlError, type Person, send, signUp } from '../clients.ts'
import { connect, openSocket, type RawSocket } from '../gateway/raw-socket.ts'
import { startSystem } from '../system.ts'
import { expectClean, expectCode, sendRaw } from './refusals.ts'
import { fieldsOf, readMarkedSchema, selectionOf } from './selections.ts'
import { upgrade } from './socket-client.ts'

interface Result {
  // biome-ignore lint/suspicious/noExplicitAny: events of every shape are looked into.
  data?: { roomEvents: any } | null
  errors?: GraphqlError[]
  extensions?: { resumable: { cursor: string; live: boolean; remove?: string[] } }
}

const everyone = { viewer: 'everyone' }

describe('a subgraph that is asked for everyone', () => {
  let system: Network
  let ann: Person
  let bob: Person
  let eve: Person
  let roomId: string
  let socket: RawSocket
  let asked = 0

  beforeAll(async () => {
    system = await startSystem({ chat: { maxReplay: 20 } })
    ann = await signUp(system.url, 'Ann')
    bob = await signUp(system.url, 'Bob')
    eve = await signUp(system.url, 'Eve')
  })
  afterAll(() => system.stop())
  beforeEach(async () => {
    roomId = await createRoom(ann, 'PRIVATE')
    await addMember(bob)
    socket = await openSocket(system.subgraphs.chat.url, { headers: { [passportHeader]: issue('chat', '') } })
    socket.send({ type: 'connection_init' })
    await socket.find(({ type }) => type === 'connection_ack')
  })
  afterEach(() => socket.close())

  const issue = (name: string, body: string) => createPassports(system.passportKeys).issue(name, body)
  const wordOf = ({ headers }: Person) => ({ authorization: headers.authorization })
  const addMember = ({ userId }: Person) =>
    ann.do('mutation ($input: AddMemberInput!) { addMember(input: $input) { role } }', { input: { roomId, userId } })
  const removeMember = ({ userId }: Person) =>
    ann.do('mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }', {
      roomId,
      userId,
    })
  const rename = (name: string) =>
    ann.do('mutation ($input: UpdateRoomInput!) { updateRoom(input: $input) { id } }', { input: { roomId, name } })

  /** An operation at chat's socket, with what the gateway says about who asks. */
  const run = (word: object, query: string, variables: object = {}) => {
    const id = String(++asked)
    socket.send({ id, type: 'subscribe', payload: { query, variables, extensions: word } })
    const results = (): Result[] => socket.nexts(id)
    return {
      /** The first so many results. */
      async first(count: number) {
        await socket.find(() => results().length >= count)
        return results().slice(0, count)
      },
      /** What it comes to when it is refused: errors alone, and the end. */
      async refusal(): Promise<Result> {
        const last = await socket.find((message) => message.id === id && message.type !== 'next')
        if (last.type === 'error') return { errors: last.payload }
        expect(results()).toHaveLength(1)
        return results()[0] as Result
      },
    }
  }
  const follow = (word: object, after: string | null | undefined, fields = '', id = roomId) =>
    run(
      word,
      `subscription ($id: ID!, $after: String) { roomEvents(roomId: $id, after: $after) { __typename cursor ${fields} } }`,
      { id, after },
    )
  /** The position that the room is at now. */
  const position = async () => (await follow(wordOf(ann), undefined).first(1))[0]?.data?.roomEvents.cursor as string
  const summary = ({ data, extensions }: Result) => {
    const { live, remove, cursor } = extensions?.resumable ?? {}
    expect(cursor).toBe(data?.roomEvents.cursor)
    return [data?.roomEvents.__typename, live, ...(remove ? [remove] : [])]
  }

  const ask = async (name: 'auth' | 'profile' | 'chat', headers: object, query: string, variables: object = {}) => {
    const body = JSON.stringify({ query, variables })
    const reply = await sendRaw(`${system.subgraphs[name].url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [passportHeader]: issue(name, body), ...headers },
      body,
    })
    return { ...(JSON.parse(reply.text) as { data: Record<string, unknown> | null }), errors: reply.errors }
  }
  const forEveryone = { [viewerHeader]: 'everyone' }
  const entities = (fields: string) => `query ($all: [_Any!]!) { _entities(representations: $all) { ${fields} } }`

  it('tells a member’s gateway with each event where the stream stands', async () => {
    const start = await position()
    await send(ann, roomId, 'one')
    await addMember(eve)
    const [resumed, fresh] = [follow(wordOf(bob), start), follow(wordOf(bob), undefined)]
    expect((await resumed.first(3)).map(summary)).toEqual([
      ['MessageSent', false],
      ['MemberJoined', false],
      ['CaughtUp', true],
    ])
    await fresh.first(1)
    await removeMember(eve)
    await removeMember(bob)
    expect((await resumed.first(5)).slice(3).map(summary)).toEqual([
      ['MemberLeft', true, [eve.userId]],
      ['MemberLeft', true, [bob.userId]],
    ])
    expect((await fresh.first(3)).map(summary)).toEqual([
      ['RoomSnapshot', true],
      ['MemberLeft', true, [eve.userId]],
      ['MemberLeft', true, [bob.userId]],
    ])
  })

  it('gives the events after a cursor to all at once, and tells who must not see what follows', async () => {
    const start = await position()
    await send(ann, roomId, 'one')
    await removeMember(bob)
    const stream = follow(everyone, start)
    expect((await stream.first(2)).map(summary)).toEqual([
      ['MessageSent', false],
      ['MemberLeft', true, [bob.userId]],
    ])
    await addMember(bob)
    await removeMember(bob)
    await send(ann, roomId, 'two')
    expect((await stream.first(5)).slice(2).map(summary)).toEqual([
      ['MemberJoined', true],
      ['MemberLeft', true, [bob.userId]],
      ['MessageSent', true],
    ])
  })

  it('refuses a stream without a cursor, or after one that cannot be gone on from', async () => {
    const start = await position()
    const other = await createRoom(ann)
    for (const none of [undefined, null]) {
      expect(expectCode(await follow(everyone, none).refusal(), 'BAD_USER_INPUT').extensions.field).toBe('after')
    }
    for (const after of ['', 'garbage', `${start}AAAA`]) {
      expectCode(await follow(everyone, after).refusal(), 'CONFLICT')
    }
    expectCode(await follow(everyone, start, '', other).refusal(), 'CONFLICT')
    expectCode(await follow(everyone, start, '', uuidv7()).refusal(), 'NOT_FOUND')
    for (let sent = 0; sent < 21; sent += 1) await send(ann, roomId, `text ${sent}`)
    expectCode(await follow(everyone, start).refusal(), 'CONFLICT')
  })

  it('gives every field that does not depend on the viewer, and refuses each that does', async () => {
    const schema = await readMarkedSchema('chat')
    const start = await position()
    await send(ann, roomId, 'one')
    await rename('Another name')
    await addMember(eve)
    await removeMember(eve)
    const whole = await follow(everyone, start, selectionOf(schema, 'RoomEvent')).first(4)
    expect(whole.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined, undefined])
    expect(whole[0]?.data?.roomEvents.message.sender).toMatchObject({ id: ann.userId })
    expect(whole[1]?.data?.roomEvents.room).toMatchObject({ name: 'Another name' })

    const marked = fieldsOf(schema, 'Room').filter(({ isViewerDependent }) => isViewerDependent)
    expect(marked.map(({ name }) => name)).toContain('unreadCount')
    for (const { selection } of marked) {
      const fields = `... on RoomUpdated { room { ${selection} } }`
      const [, shared] = await follow(everyone, start, fields).first(2)
      expectCode(shared ?? {}, 'UNAUTHENTICATED')
      const [, own] = await follow(wordOf(ann), start, fields).first(2)
      expect(own?.errors).toBeUndefined()
    }
  })

  it('resolves users for everyone, but for what depends on the viewer', async () => {
    const schema = await readMarkedSchema('profile')
    const all = [ann, bob].map(({ userId }) => ({ __typename: 'User', id: userId }))
    const { data, errors } = await ask('profile', forEveryone, entities(selectionOf(schema, 'User')), { all })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ _entities: [{ displayName: 'Ann' }, { displayName: 'Bob' }] })
    const marked = fieldsOf(schema, 'User').filter(({ isViewerDependent }) => isViewerDependent)
    expect(marked.map(({ name }) => name)).toContain('preferences')
    for (const { selection } of marked) {
      expectCode(
        await ask('profile', forEveryone, entities(`... on User { ${selection} }`), { all }),
        'UNAUTHENTICATED',
      )
    }
  })

  it('lets everyone ask for nothing and change nothing that needs a user', async () => {
    const room = `roomId: "${roomId}"`
    const refused = {
      auth: [
        '{ sessions { id } }',
        'mutation { logout(everywhere: true) }',
        `mutation { revokeSession(id: "${ann.sessionId}") }`,
      ],
      profile: [
        '{ me { id } }',
        `{ user(id: "${ann.userId}") { id } }`,
        `{ userByUsername(username: "${ann.username}") { id } }`,
        '{ users { edges { cursor } } }',
        'mutation { updateProfile(input: { displayName: "Mallory" }) { id } }',
        'mutation { updatePreferences(input: { theme: DARK }) { theme } }',
        'mutation { deleteProfile }',
      ],
      chat: [
        `{ room(id: "${roomId}") { id } }`,
        '{ rooms { edges { cursor } } }',
        '{ publicRooms { edges { cursor } } }',
        `{ _entities(representations: [{ __typename: "Room", id: "${roomId}" }]) { __typename } }`,
        `{ _entities(representations: [{ __typename: "Message", id: "${roomId}" }]) { __typename } }`,
        'mutation { createRoom(input: { name: "x", kind: PUBLIC }) { id } }',
        `mutation { joinRoom(${room}) { id } }`,
        `mutation { sendMessage(input: { ${room}, text: "x", clientMessageId: "x" }) { duplicate } }`,
        `mutation { removeMember(${room}, userId: "${bob.userId}") }`,
        `mutation { leaveRoom(${room}) }`,
      ],
    }
    const start = await position()
    for (const name of ['auth', 'profile', 'chat'] as const) {
      for (const query of refused[name]) expectCode(await ask(name, forEveryone, query), 'UNAUTHENTICATED')
    }
    for (const query of refused.chat) expectCode(await run(everyone, query).refusal(), 'UNAUTHENTICATED')
    expect(await position()).toBe(start)
  })

  it('believes a token before it believes that it is for everyone', async () => {
    const start = await position()
    const [stranger, member, liar] = [wordOf(eve), wordOf(bob), { authorization: 'Bearer a.b.c' }]
    expectCode(await follow({ ...stranger, ...everyone }, start).refusal(), 'NOT_FOUND')
    expectCode(await follow({ ...liar, ...everyone }, start).refusal(), 'UNAUTHENTICATED')
    expect((await follow({ ...member, ...everyone }, start).first(1)).map(summary)).toEqual([['CaughtUp', true]])
    expect(await ask('profile', { ...ann.headers, ...forEveryone }, '{ me { displayName } }')).toMatchObject({
      data: { me: { displayName: 'Ann' } },
    })
    expectCode(await ask('profile', { ...liar, ...forEveryone }, '{ me { displayName } }'), 'UNAUTHENTICATED')
  })

  it('knows no other word for it', async () => {
    const start = await position()
    for (const viewer of [
      '',
      'Everyone',
      'anonymous',
      'all',
      ann.userId,
      { userId: ann.userId },
      ['everyone'],
      true,
      null,
    ]) {
      expectCode(await follow({ viewer }, start).refusal(), 'UNAUTHENTICATED')
    }
  })

  it('listens to whoever has a passport, and to nobody else', async () => {
    expect(await upgrade(system.subgraphs.chat.url, { [viewerHeader]: 'everyone' })).toBe(401)
    for (const name of ['auth', 'profile', 'chat'] as const) {
      const reply = await sendRaw(`${system.subgraphs[name].url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...forEveryone },
        body: JSON.stringify({ query: '{ __typename }' }),
      })
      expect(reply.status).toBe(401)
    }
  })

  it('is never told so by a client of the gateway', async () => {
    const start = await position()
    const client = await connect(system.url, eve.headers.authorization)
    client.send({
      id: 'x',
      type: 'subscribe',
      payload: {
        query: 'subscription ($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) { cursor } }',
        variables: { roomId, after: start },
        extensions: everyone,
      },
    })
    const refusal = await client.find(({ type, id }) => id === 'x' && type !== 'complete')
    expectCode({ errors: refusal.type === 'error' ? refusal.payload : refusal.payload.errors }, 'NOT_FOUND')
    await client.close()

    const reply = await sendRaw(`${system.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...forEveryone },
      body: JSON.stringify({ query: '{ me { id } }' }),
    })
    // Nobody is signed in, which is no error; for everyone it would be one.
    expect(JSON.parse(reply.text)).toEqual({ data: { me: null } })
    expectClean(reply.errors)
  })
})
