import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, createRoom, type Person, send, signUp } from '../clients.ts'
import { expectCode } from './refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const unknownId = '0198a2c0-0000-7000-8000-000000000000'
const notText: unknown[] = [{ $ne: null }, ['a'], { toString: 'a' }, 1, true, null, { length: 3 }]
const notIds = [
  '',
  'x',
  '1',
  '../../etc/passwd',
  "' or 1=1 -- ",
  `${unknownId} `,
  unknownId.replace('7000', '700g'),
  'é'.repeat(36),
]

describe('a value', () => {
  let system: WatchedSystem
  let ann: Person
  let ben: Person
  let publicRoom: string
  let privateRoom: string

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
    publicRoom = await createRoom(ann, 'PUBLIC', 'Open')
    privateRoom = await createRoom(ann, 'PRIVATE', 'Closed')
  })
  afterAll(() => system.stop())

  const texts = async (roomId: string) => {
    const query = 'query ($id: ID!) { room(id: $id) { messages { edges { node { text } } } } }'
    const { room } = await ann.do<{ room: { messages: { edges: { node: { text: string } }[] } } }>(query, {
      id: roomId,
    })
    return room.messages.edges.map(({ node }) => node.text)
  }

  it('is not echoed as the path of an error, however long an alias is', async () => {
    const alias = 'a'.repeat(16_000)
    for (const query of [
      `{ ${alias}: user(id: "no id") { id } }`,
      `query ($id: ID!) { room(id: $id) { id ${alias}: messages(first: 1, after: "no cursor") { edges { cursor } } } }`,
    ]) {
      const { errors } = await ann.try(query, { id: publicRoom })
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
      expect(errors?.[0]?.path?.join('.')).toMatch(/^(room\.)?a+…a+$/)
      expect(JSON.stringify(errors).length).toBeLessThan(1_000)
    }
  })

  it('that is an object or a list where text is due is refused, and reaches no subgraph', async () => {
    const register = 'mutation ($input: RegisterInput!) { register(input: $input) { userId } }'
    const account = { username: 'somebody', password: 'a long enough one', displayName: 'Somebody' }
    for (const value of notText) {
      system.forget()
      for (const [query, variables] of [
        [register, { input: { ...account, username: value } }],
        [register, { input: { ...account, password: value } }],
        ['query ($x: String!) { userByUsername(username: $x) { id } }', { x: value }],
        ['mutation ($i: LoginInput!) { login(input: $i) { userId } }', { i: { username: value, password: value } }],
        ['mutation ($i: RefreshInput) { refresh(input: $i) { userId } }', { i: { refreshToken: value } }],
        [
          'mutation ($i: SendMessageInput!) { sendMessage(input: $i) { duplicate } }',
          { i: { roomId: publicRoom, clientMessageId: 'a', text: value } },
        ],
      ] as const) {
        const reply = await ask(system.url, query, variables, ann.headers)
        expectCode(reply, 'BAD_USER_INPUT')
        expect(reply.status).toBe(400)
      }
      expect(system.calls).toEqual([])
    }
  })

  it('that is no UUID where an id is due is refused, with the field named', async () => {
    const questions: [field: string, query: string][] = [
      ['id', 'query ($id: ID!) { room(id: $id) { name } }'],
      ['id', 'query ($id: ID!) { user(id: $id) { username } }'],
      ['id', 'mutation ($id: ID!) { revokeSession(id: $id) }'],
      ['roomId', 'mutation ($id: ID!) { joinRoom(roomId: $id) { id } }'],
      ['roomId', 'mutation ($id: ID!) { leaveRoom(roomId: $id) }'],
      ['messageId', 'mutation ($id: ID!) { deleteMessage(messageId: $id) { id } }'],
      ['messageId', 'mutation ($id: ID!) { editMessage(input: { messageId: $id, text: "x" }) { id } }'],
      [
        'roomId',
        'mutation ($id: ID!) { sendMessage(input: { roomId: $id, text: "x", clientMessageId: "x" }) { duplicate } }',
      ],
      ['roomId', `mutation ($id: ID!) { removeMember(roomId: $id, userId: "${unknownId}") }`],
      ['userId', `mutation ($id: ID!) { removeMember(roomId: "${publicRoom}", userId: $id) }`],
      ['userId', `mutation ($id: ID!) { addMember(input: { roomId: "${publicRoom}", userId: $id }) { role } }`],
      ['userId', `mutation ($id: ID!) { changeRole(roomId: "${publicRoom}", userId: $id, role: OWNER) { role } }`],
      ['roomId', 'mutation ($id: ID!) { markRead(roomId: $id, upTo: "x") { role } }'],
    ]
    for (const [field, query] of questions) {
      for (const id of notIds) {
        const error = expectCode(await ann.try(query, { id }), 'BAD_USER_INPUT')
        expect({ query, id, field: error.extensions.field }).toEqual({ query, id, field })
      }
    }
  })

  it('that is SQL is looked for as the text it is, and finds nothing', async () => {
    for (const text of [
      "' or 1=1 -- ",
      '%',
      '_',
      '"; drop table users; --',
      "a' union select 1 --",
      '\\',
      '*',
      '{"$gt":""}',
    ]) {
      const query = `query ($text: String!) { userByUsername(username: $text) { id }
        users(search: $text) { edges { cursor } } publicRooms(search: $text) { edges { cursor } } }`
      expect({ text, ...(await ann.do(query, { text })) }).toEqual({
        text,
        userByUsername: null,
        users: { edges: [] },
        publicRooms: { edges: [] },
      })
    }
  })

  it('that is the id of what is forbidden gets the answer of one that nothing has, byte for byte', async () => {
    const { message } = await send(ann, privateRoom, 'secret')
    const questions: [query: string, forbidden: string][] = [
      ['query ($id: ID!) { room(id: $id) { name memberCount } }', privateRoom],
      ['mutation ($id: ID!) { joinRoom(roomId: $id) { id } }', privateRoom],
      ['mutation ($id: ID!) { leaveRoom(roomId: $id) }', privateRoom],
      [
        'mutation ($id: ID!) { sendMessage(input: { roomId: $id, text: "x", clientMessageId: "x" }) { duplicate } }',
        privateRoom,
      ],
      ['mutation ($id: ID!) { updateRoom(input: { roomId: $id, name: "x" }) { id } }', privateRoom],
      ['mutation ($id: ID!) { markRead(roomId: $id, upTo: "x") { role } }', privateRoom],
      [`mutation ($id: ID!) { removeMember(roomId: $id, userId: "${ann.userId}") }`, privateRoom],
      [`mutation ($id: ID!) { addMember(input: { roomId: $id, userId: "${ben.userId}" }) { role } }`, privateRoom],
      [`mutation ($id: ID!) { changeRole(roomId: $id, userId: "${ann.userId}", role: MEMBER) { role } }`, privateRoom],
      ['mutation ($id: ID!) { editMessage(input: { messageId: $id, text: "x" }) { text } }', message.id],
      ['mutation ($id: ID!) { deleteMessage(messageId: $id) { text } }', message.id],
      ['mutation ($id: ID!) { revokeSession(id: $id) }', ann.sessionId],
    ]
    for (const [query, forbidden] of questions) {
      const answers = [forbidden, unknownId].map(async (id) => {
        const { status, data, errors } = await ben.try(query, { id })
        return JSON.stringify({ query, status, data, errors })
      })
      expect(await answers[0]).toBe(await answers[1])
    }
    expect(await texts(privateRoom)).toEqual(['secret'])
    expect((await ann.do<{ sessions: [] }>('{ sessions { id } }')).sessions).toHaveLength(1)
  })

  it('that the input type does not have is refused with 400', async () => {
    const extra = {
      role: 'OWNER',
      userId: ann.userId,
      senderId: ann.userId,
      id: unknownId,
      createdAt: '2020-01-01T00:00:00Z',
    }
    const calls: [query: string, input: object][] = [
      [
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }',
        { roomId: publicRoom, text: 'x', clientMessageId: 'x' },
      ],
      ['mutation ($input: CreateRoomInput!) { createRoom(input: $input) { id } }', { name: 'x', kind: 'PUBLIC' }],
      ['mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }', { displayName: 'x' }],
      [
        'mutation ($input: RegisterInput!) { register(input: $input) { userId } }',
        { username: 'extra', password: 'a long enough one', displayName: 'x' },
      ],
    ]
    system.forget()
    for (const [query, input] of calls) {
      for (const [name, value] of Object.entries({ ...extra, __proto__: undefined, constructor: {} })) {
        const reply = await ben.try(query, { input: { ...input, [name]: value } })
        expectCode(reply, 'BAD_USER_INPUT')
        expect(reply.status).toBe(400)
      }
    }
    expect(system.calls).toEqual([])
  })
})
