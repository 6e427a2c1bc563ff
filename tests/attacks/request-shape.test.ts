import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ask, createRoom, joinRoom, type Person, signUp } from '../clients.ts'
import { expectAlive, expectClean, expectCode } from './refusals.ts'
import { askSocket } from './socket-client.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')
const multiplying = (levels: number) =>
  `{ me { ...f0 } } ${times(levels, (i) => `fragment f${i} on User { ...f${i + 1} ...f${i + 1} }`)} fragment f${levels} on User { id }`
const login = (alias: string) => `${alias}: login(input: { username: "somebody", password: "something" }) { userId }`
const nested = (levels: number): object => (levels === 0 ? {} : { value: nested(levels - 1) })
const deep = (selection: string) =>
  `{ rooms(first: 10) { edges { node { messages { edges { node { ${selection} } } } } } } }`

const manyMessages =
  'fragment r on RoomConnection { edges { node { messages(last: 100) { ...m } } } } fragment m on MessageConnection { edges { node { text } } }'

/** By what is wrong with it, a document that must be refused; with variables when the fault is in those. */
const attacks: [fault: string, document: string, variables?: object][] = [
  ['nine levels', deep('sender { preferences { theme } }')],
  [
    'nine levels, half of them in fragments',
    `${deep('...deep')} fragment deep on Message { ... on Message { sender { ... on User { preferences { theme } } } } }`,
  ],
  ['a fragment that holds itself', '{ me { ...f } } fragment f on User { id ...f }'],
  [
    'fragments in a circle',
    '{ me { ...a } } fragment a on User { ...b } fragment b on User { ...c } fragment c on User { ...a }',
  ],
  ['fragments that double twelve times', multiplying(12)],
  ['fragments that double fifty times', multiplying(50)],
  ['6,000 levels of braces', `${'{a'.repeat(6_000)}${'}'.repeat(6_000)}`],
  ['6,000 levels of inline fragments', `{ me ${'{ ... '.repeat(6_000)}{ id }${'}'.repeat(6_000)} }`],
  ['6,000 levels of a list', `{ user(id: ${'['.repeat(6_000)}${']'.repeat(6_000)}) { id } }`],
  ['braces that are never closed', '{'.repeat(6_000)],
  ['16 logins under aliases', `mutation { ${times(16, (i) => login(`a${i}`))} }`],
  [
    'two logins in two fragments',
    `mutation { ...a ...b } fragment a on Mutation { ${login('a')} } fragment b on Mutation { ${login('b')} }`,
  ],
  [
    'a login spread twice under two aliases',
    `mutation { ... on Mutation { ${login('a')} } ... @include(if: true) { ${login('b')} } }`,
  ],
  ['a login and a refresh', `mutation { ${login('a')} refresh { userId } }`],
  ['320 aliases of __typename', `{ ${times(320, (i) => `a${i}: __typename`)} }`],
  ['31 aliases of one list', `{ ${times(31, (i) => `a${i}: users { edges { cursor } }`)} }`],
  [
    'a fragment of aliases that is spread under aliases',
    `{ ${times(15, (i) => `a${i}: user(id: "${i}") { ...f }`)} } fragment f on User { ${times(15, (i) => `b${i}: username`)} }`,
  ],
  ['three copies of one field', '{ me { a: username b: username c: username } }'],
  ['20,000 directives', `{ me ${'@a '.repeat(20_000)}{ id } }`],
  ['directives that exist, by the hundred', `{ me ${'@include(if: true) '.repeat(300)}{ id } }`],
  ['900 copies of a field', `{ me { ${'id '.repeat(900)}} }`],
  ['900 copies of __typename', `{ ${'__typename '.repeat(900)}}`],
  ['190 selections of one name', `{ ${'me { id } '.repeat(190)}}`],
  ['over 1,000 tokens', `query (${times(400, (i) => `$v${i}: ID`)}) { __typename }`],
  ['variables 40 levels deep', 'query ($input: LoginInput) { __typename }', { input: nested(40) }],
  [
    'a page of pages',
    'query ($n: Int = 60) { rooms(first: 90) { edges { node { messages(last: $n) { edges { cursor } } } } } }',
  ],
  ['pages of pages under aliases', `{ ${times(28, (i) => `a${i}: rooms(first: 100) { ...r }`)} } ${manyMessages}`],
  ['pages that do not say how long they are', '{ rooms { edges { node { messages { edges { cursor } } } } } }'],
  [
    'pages of which no item is selected',
    '{ rooms(first: 100) { edges { node { messages(last: 100) { pageInfo { endCursor } } } } } }',
  ],
  [
    'such pages under aliases',
    `{ ${times(30, (i) => `a${i}: rooms(first: 100) { edges { node { ...p } } }`)} } fragment p on Room { messages(last: 100) { pageInfo { endCursor } } }`,
  ],
  [
    'two fragments of one name, the first of which doubles',
    `{ me { ...f0 } } ${times(28, (i) => `fragment f${i} on User { ...f${i + 1} ...f${i + 1} }`)} fragment f28 on User { id } fragment f0 on User { id }`,
  ],
  ['a fragment that nothing spreads', '{ me { id } } fragment f on User { id }'],
  ['a circle that nothing spreads', '{ me { id } } fragment a on User { ...b } fragment b on User { ...a }'],
  ['a fragment that is not there', '{ me { ...f } }'],
  ['1,000 comments', `{ __typename }${'\n#'.repeat(1_000)}`],
  ['a comment of 30 kB', `{ __typename } # ${'x'.repeat(30_000)}`],
  ['30 kB of white space', `{ __typename${' '.repeat(30_000)}}`],
  ['30 kB of commas', `{ __typename${','.repeat(30_000)}}`],
  ['copies of one field under type conditions', '{ me { ... on User { a: id } ... on User { b: id } ... { c: id } } }'],
  ['long names for what comes often', `{ rooms(first: 100) { edges { ${'x'.repeat(20_000)}: cursor } } }`],
  ['no operation', 'fragment f on User { id }'],
  ['an unknown field', '{ passwords }'],
  ['a field of the federation machinery', '{ _service { sdl } }'],
  ['entities of the federation machinery', '{ _entities(representations: []) { __typename } }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['introspection of one type', '{ __type(name: "User") { fields { name } } }'],
  [
    'introspection below an alias and a fragment',
    '{ ...f } fragment f on Query { a: __schema { queryType { name } } }',
  ],
]

describe('the shape of a request', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())
  beforeEach(() => system.forget())
  afterEach(() => expectAlive(system.url))

  it.each(attacks)('with %s is refused with 400 and reaches no subgraph', async (_, document, variables = {}) => {
    const reply = await ask(system.url, document, variables, ann.headers)
    expect(reply.status).toBe(400)
    expect(reply.data).toBeNull()
    expectCode(reply, 'BAD_USER_INPUT')
    expect(system.calls).toEqual([])
  })

  it.each(attacks.filter(([, document]) => document.length < 60_000))(
    'with %s is refused over a WebSocket too',
    async (_, document, variables = {}) => {
      const reply = await askSocket(system.url, document, ann.accessToken, variables)
      expect(reply.data).toBeUndefined()
      expectCode(reply, 'BAD_USER_INPUT')
      expect(system.calls).toEqual([])
    },
  )

  it.each(['', ' ', 'A\nB', 'A B', 'é', 7, { toString: 1 }, ['A'], true])(
    'with the operation name %j is refused, the first time and after it was asked without one',
    async (operationName) => {
      const query = `query { __typename } # ${JSON.stringify(operationName)}`
      for (let time = 0; time < 2; time += 1) {
        const response = await fetch(`${system.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, operationName }),
        })
        expect(response.status).toBe(400)
        const { errors } = (await response.json()) as { errors: { extensions: object }[] }
        expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'operationName' })
        expect((await ask(system.url, query)).errors).toBeUndefined()
      }
    },
  )

  it('with a name that joins two texts in one is refused, whatever was asked before', async () => {
    const wide = `{ ${'__typename '.repeat(800)}}`
    expect((await ask(system.url, 'query A { __typename }')).errors).toBeUndefined()
    const response = await fetch(`${system.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `query A { __typename } query B ${wide}`, operationName: 'A' }),
    })
    expect(response.status).toBe(400)
  })

  it('that is refused says which limit, how much was asked and how much is allowed', async () => {
    const reply = await ann.try('{ rooms(first: 100) { edges { node { messages(last: 100) { edges { cursor } } } } } }')
    const { extensions } = expectCode(reply, 'BAD_USER_INPUT')
    expect(extensions).toMatchObject({ field: 'query', limit: 'cost', allowed: 20_000 })
    expect(Number((extensions as { asked?: number }).asked)).toBeGreaterThan(20_000)
  })

  it('may have eight levels, 30 aliases and one login', async () => {
    for (const document of [
      deep('sender { username }'),
      `{ ${times(30, (i) => `a${i}: user(id: "${ann.userId}") { username }`)} }`,
    ]) {
      expect((await ann.try(document)).errors).toBeUndefined()
      expect(await askSocket(system.url, document, ann.accessToken)).not.toHaveProperty('errors')
    }
    const credentials = `{ username: "${ann.username}", password: "${ann.password}" }`
    expect((await ask(system.url, `mutation { login(input: ${credentials}) { userId } }`)).errors).toBeUndefined()
    expect(system.calls.length).toBeGreaterThan(0)
  })

  it.each([
    ['users', 'query ($first: Int) { users(first: $first) { edges { cursor } } }'],
    ['rooms', 'query ($first: Int) { rooms(first: $first) { edges { cursor } } }'],
    ['publicRooms', 'query ($first: Int) { publicRooms(first: $first) { edges { cursor } } }'],
    ['messages', 'query ($first: Int, $id: ID!) { room(id: $id) { messages(first: $first) { edges { cursor } } } }'],
    ['messages', 'query ($first: Int, $id: ID!) { room(id: $id) { messages(last: $first) { edges { cursor } } } }'],
    ['members', 'query ($first: Int, $id: ID!) { room(id: $id) { members(first: $first) { edges { cursor } } } }'],
  ])('gets no page of over 100 %s, neither by a literal nor by a variable', async (_, document) => {
    const input = '{ kind: PUBLIC, name: "A page" }'
    const { createRoom: room } = await ann.do<{ createRoom: { id: string } }>(
      `mutation { createRoom(input: ${input}) { id } }`,
    )
    for (const first of [101, 100_000, 2_147_483_647, -1]) {
      const literal = document
        .replace(/\$first: Int,? ?/, '')
        .replace('$first', String(first))
        .replace('()', '')
      const byVariable = await ann.try(document, { first, id: room.id })
      const byLiteral = await ann.try(literal, { id: room.id })
      for (const reply of [byVariable, byLiteral]) {
        expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toMatch(/first|last/)
      }
    }
  })

  it('gets no suggestions of names that exist', async () => {
    for (const document of [
      '{ mee { id } }',
      '{ me { usernam } }',
      'mutation { logoutt }',
      '{ user(idd: "x") { id } }',
    ]) {
      const reply = await ask(system.url, document)
      expectClean(reply.errors)
      expect(reply.status).toBe(400)
      expect(JSON.stringify(reply.errors)).not.toMatch(/did you mean|\bme\b|username|"logout"/i)
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'prototype', 'then'])(
    'may use %s as an alias and gets the right data',
    async (alias) => {
      const { data, errors } = await ann.try<Record<string, unknown>>(
        `{ ${alias}: me { ${alias}: id username } other: users(search: "${ann.username}") { edges { ${alias}: node { id } } } }`,
      )
      expect(errors).toBeUndefined()
      const me = Object.getOwnPropertyDescriptor(data, alias)?.value as object
      expect(Object.getOwnPropertyDescriptor(me, alias)?.value).toBe(ann.userId)
      expect(me).toMatchObject({ username: ann.username })
      expect(({} as Record<string, unknown>).username).toBeUndefined()
      expect(await ann.do('{ me { id } }')).toEqual({ me: { id: ann.userId } })
    },
  )

  it('may name a variable, a fragment and an operation after the parts of an object', async () => {
    const document = `query constructor($__proto__: ID!, $toString: ID!) {
      a: user(id: $__proto__) { ...valueOf } b: user(id: $toString) { ...valueOf }
    } fragment valueOf on User { username }`
    const body = `{"query":${JSON.stringify(document)},"operationName":"constructor","variables":{"__proto__":"${ann.userId}","toString":"${ann.userId}"}}`
    const response = await fetch(`${system.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ann.headers },
      body,
    })
    const { data, errors } = (await response.json()) as { data?: object; errors?: [] }
    expectClean(errors)
    if (data) expect(data).toEqual({ a: { username: ann.username }, b: { username: ann.username } })
    expect(({} as Record<string, unknown>).toString).toBeInstanceOf(Function)
  })
})

describe('writes under aliases', () => {
  let system: WatchedSystem
  beforeAll(async () => {
    system = await startWatchedSystem({ gateway: { pointsPerMinute: { ofUser: 20_000, ofAddress: 200_000 } } })
  })
  afterAll(() => system.stop())

  it('take of the budget what each of them costs, and one at a time is served', async () => {
    const [ann, ben] = [await signUp(system.url, 'Ann'), await signUp(system.url, 'Ben')]
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const input = () => `{ roomId: "${roomId}", text: "x", clientMessageId: "${randomUUID()}" }`
    const batch = () => `mutation { ${times(30, (i) => `a${i}: sendMessage(input: ${input()}) { duplicate }`)} }`
    let served = 0
    let reply = await ann.try(batch())
    while (!reply.errors && served < 8) {
      served += 1
      reply = await ann.try(batch())
    }
    expectCode(reply, 'TOO_MANY_REQUESTS')
    // One in a minute, and a minute may begin meanwhile.
    expect([1, 2, 3]).toContain(served)
    expect((await ben.try(`mutation { sendMessage(input: ${input()}) { duplicate } }`)).errors).toBeUndefined()
  })
})
