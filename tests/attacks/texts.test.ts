import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, createRoom, joinRoom, type Person, send, signUp, trySend } from '../clients.ts'
import { expectCode } from './refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const control = ['\0', '\u0001', '\b', '\u001b', '\u007f', '\u0085', '\u202e', '\ud800', '\udfff']
const invisible = ['', ' ', '\n\t', '\u00a0\u2003', '\u200b', '\u2060\ufeff', '\u3164', '\u{e0041}']
const register = 'mutation ($input: RegisterInput!) { register(input: $input) { userId } }'
const newAccount = () => ({
  username: `u${randomUUID().slice(0, 12)}`,
  password: 'a long enough one',
  displayName: 'A name',
})

describe('a text', () => {
  let system: WatchedSystem
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
  })
  afterAll(() => system.stop())

  it.each(control.map((sign) => [JSON.stringify(sign), sign]))(
    'with %s in a name is refused, with the field named',
    async (_, sign) => {
      const name = `a${sign}b`
      for (const field of ['username', 'displayName']) {
        const reply = await ask(system.url, register, { input: { ...newAccount(), [field]: name } })
        expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toBe(field)
      }
      for (const [field, query] of [
        ['name', 'mutation ($x: String!) { createRoom(input: { name: $x, kind: PUBLIC }) { id } }'],
        ['topic', 'mutation ($x: String!) { createRoom(input: { name: "A room", kind: PUBLIC, topic: $x }) { id } }'],
        ['displayName', 'mutation ($x: String!) { updateProfile(input: { displayName: $x }) { id } }'],
        ['statusMessage', 'mutation ($x: String!) { updateProfile(input: { statusMessage: $x }) { id } }'],
      ] as const) {
        expect({ query, ...expectCode(await ben.try(query, { x: name }), 'BAD_USER_INPUT').extensions }).toMatchObject({
          query,
          field,
        })
      }
      expect(await ben.do('{ me { displayName statusMessage } rooms { edges { cursor } } }')).toEqual({
        me: { displayName: 'Ben', statusMessage: null },
        rooms: { edges: [] },
      })
    },
  )

  it('that cannot be seen is no name', async () => {
    for (const displayName of invisible) {
      const reply = await ask(system.url, register, { input: { ...newAccount(), displayName } })
      expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toBe('displayName')
      const query = 'mutation ($x: String!) { createRoom(input: { name: $x, kind: PUBLIC }) { id } }'
      expect(expectCode(await ben.try(query, { x: displayName }), 'BAD_USER_INPUT').extensions.field).toBe('name')
    }
    expect(await ben.do('{ rooms { edges { cursor } } }')).toEqual({ rooms: { edges: [] } })
  })

  it('that looks like the username of somebody else, or is that in another case, is refused', async () => {
    const username = `kaleos${randomUUID().slice(0, 8)}`
    expect((await ask(system.url, register, { input: { ...newAccount(), username } })).errors).toBeUndefined()
    const lookAlikes = [
      '\u043aaleos',
      '\u212aaleos',
      'k\u0430leos',
      'ka\u0131eos',
      'kal\u00e9os',
      'kale\u0301os',
      'kaleo\u017f',
      'kaleo\uff53',
      'kale\u200bos',
      'kaleos ',
      ' kaleos',
      'kaleos\u00ad',
    ]
    for (const start of lookAlikes) {
      for (const twin of [username.replace('kaleos', start), username.replace('kaleos', start).toUpperCase()]) {
        if (/^[a-z0-9-]+$/i.test(twin)) continue
        const reply = await ask(system.url, register, { input: { ...newAccount(), username: twin } })
        expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toBe('username')
      }
    }
    for (const twin of [username.toUpperCase(), `K${username.slice(1)}`]) {
      const reply = await ask(system.url, register, { input: { ...newAccount(), username: twin } })
      expect(expectCode(reply, 'CONFLICT').extensions.field).toBe('username')
    }
    for (const odd of ['__proto__', '-abc', '.abc', 'ab', 'a'.repeat(51), 'a b c', '../../x', '<b>', "o'neil"]) {
      const reply = await ask(system.url, register, { input: { ...newAccount(), username: odd } })
      expect(expectCode(reply, 'BAD_USER_INPUT').extensions.field).toBe('username')
    }
    const { users } = await ann.do<{ users: { edges: [] } }>(
      'query ($x: String) { users(search: $x) { edges { cursor } } }',
      { x: username },
    )
    expect(users.edges).toHaveLength(1)
  })

  it('gives one account of 16 registrations at once under one username', async () => {
    const username = `u${randomUUID().slice(0, 12)}`
    const replies = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        ask(system.url, register, {
          input: { ...newAccount(), username: index % 2 ? username : username.toUpperCase() },
        }),
      ),
    )
    expect(replies.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    for (const reply of replies) if (reply.errors) expectCode(reply, 'CONFLICT')
  })

  it('of an avatar is an https URL of at most 255 characters, and nobody fetches it', async () => {
    let fetched = 0
    const trap = createServer((_, response) => {
      fetched += 1
      response.end()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(trap.address() as AddressInfo).port}`
    trap.on('connection', () => {
      fetched += 1
    })
    const query = 'mutation ($x: String) { updateProfile(input: { avatarUrl: $x }) { avatarUrl } }'
    const refused = [
      `http://${address}/a.png`,
      'javascript:alert(1)',
      'data:image/svg+xml,<svg/>',
      '//evil.example/a',
      'file:///etc/passwd',
      'ftp://a.example/a',
      'HTTPS',
      'https://',
      'https:',
      'x',
      '',
      `https://a.example/${'x'.repeat(255)}`,
      'https://a.example/\u0000',
      'https://user:secret@a.example/a',
      'java\nscript:alert(1)',
      ' javascript:alert(1)',
    ]
    for (const x of refused) {
      expect({ x, field: expectCode(await ben.try(query, { x }), 'BAD_USER_INPUT').extensions.field }).toEqual({
        x,
        field: 'avatarUrl',
      })
    }
    expect(await ben.do('{ me { avatarUrl } }')).toEqual({ me: { avatarUrl: null } })
    expect(await ben.do(query, { x: `https://${address}/a.png` })).toEqual({
      updateProfile: { avatarUrl: `https://${address}/a.png` },
    })
    await ann.do('query ($id: ID!) { user(id: $id) { avatarUrl } }', { id: ben.userId })
    expect(fetched).toBe(0)
    trap.close()
  })

  it('of a message is 1 to 4,000 characters, not blank, and comes back as the text it is', async () => {
    const publicRoom = await createRoom(ann)
    await joinRoom(ben, publicRoom)
    const query = 'query ($id: ID!) { room(id: $id) { messages { edges { node { text } } } } }'
    const texts = async () => {
      const { room } = await ann.do<{ room: { messages: { edges: { node: { text: string } }[] } } }>(query, {
        id: publicRoom,
      })
      return room.messages.edges.map(({ node }) => node.text)
    }
    for (const text of [...invisible, 'x'.repeat(4_001), '😀'.repeat(4_001), 'a\ud800b']) {
      expect(expectCode(await trySend(ben, publicRoom, text), 'BAD_USER_INPUT').extensions.field).toBe('text')
    }
    expect(await texts()).toEqual([])
    const kept = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '{{constructor.constructor("x")()}}',
      "Robert'); DROP TABLE messages;--",
      'x'.repeat(4_000),
      '\u{1F469}\u200d\u{1F680} e\u0301 \u0627\u0644\u0633\u0644\u0627\u0645',
      '__proto__',
    ]
    for (const text of kept) expect((await send(ben, publicRoom, text)).message.text).toBe(text)
    expect(await texts()).toEqual(kept)
  })
})
