import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import { createRoom, type Person, signUp } from '../clients.ts'
import { forgeToken, hmac, readToken, unsigned } from './forged-token.ts'
import { expectClean, sendRaw } from './refusals.ts'
import { upgrade } from './socket-client.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const questions = {
  auth: '{ sessions { id } }',
  profile: 'mutation { updateProfile(input: { displayName: "Mallory" }) { id } }',
  chat: 'mutation { createRoom(input: { name: "Hideout", kind: PUBLIC }) { id } }',
}
const names = ['auth', 'profile', 'chat'] as const
type Name = (typeof names)[number]

describe('a subgraph that is asked directly', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())
  beforeEach(() => system.forget())

  const send = (name: Name, passport: string | undefined, body = JSON.stringify({ query: questions[name] })) =>
    sendRaw(`${system.subgraphs[name].url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...ann.headers,
        ...(passport === undefined ? {} : { [passportHeader]: passport }),
      },
      body,
    })
  const issue = (name: string, body: string) => createPassports(system.passportKeys).issue(name, body)
  const expectNothingDone = async () => {
    expect(await ann.do('{ me { displayName } rooms { edges { cursor } } }')).toEqual({
      me: { displayName: 'Ann' },
      rooms: { edges: [] },
    })
  }
  /** A passport as the gateway makes it, with some of its claims changed; undefined takes one out. */
  const forge = (name: Name, claims: object, header: object = {}, signer = hmac(system.passportKeys[0] ?? '')) => {
    const genuine = readToken(issue(name, JSON.stringify({ query: questions[name] })))
    return forgeToken({ ...genuine.header, ...header }, { ...genuine.claims, ...claims }, signer)
  }

  it.each(names)('%s refuses whoever has no passport before it reads what they ask', async (name) => {
    for (const passport of [undefined, '', 'x', 'a.b.c', '{}', 'null']) {
      for (const body of [undefined, '{', 'null', '{"query":"{"}', `{"query":"${'x'.repeat(50_000)}"}`]) {
        expect((await send(name, passport, body)).status).toBe(401)
      }
    }
    await expectNothingDone()
  })

  it.each(names)('%s refuses them while the body is still on its way', async (name) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const headers = { 'content-type': 'application/json', 'content-length': '50000' }
    const asked = request(`${system.subgraphs[name].url}/graphql`, { method: 'POST', headers })
    asked.on('response', ({ statusCode }) => resolve(statusCode))
    asked.on('error', reject)
    asked.write('{')
    expect(await promise).toBe(401)
    asked.on('error', () => {})
    asked.destroy()
  })

  it.each(names)('%s refuses a passport that was made for another subgraph or another body', async (name) => {
    const body = JSON.stringify({ query: questions[name] })
    for (const other of [...names.filter((each) => each !== name), '', 'parley', name.toUpperCase()]) {
      expect((await send(name, issue(other, body))).status).toBe(401)
    }
    for (const other of [`${body} `, '', '{}', body.slice(0, -1)]) {
      const reply = await send(name, issue(name, other))
      // So the gateway knows it for a refusal, counts it, and asks another replica.
      expect([reply.status, reply.headers.get('x-parley-refusal')]).toEqual([401, 'body'])
    }
    await expectNothingDone()
  })

  it.each(names)('%s refuses a passport that is old, forged or incomplete', async (name) => {
    const now = Math.floor(Date.now() / 1_000)
    const passports = [
      forge(name, { iat: now - 40, exp: now - 10 }),
      forge(name, { exp: undefined }),
      forge(name, { exp: '9999999999' }),
      forge(name, { iss: 'mallory' }),
      forge(name, { iss: undefined }),
      forge(name, { aud: undefined }),
      forge(name, { aud: { 0: name } }),
      forge(name, { bod: undefined }),
      forge(name, { bod: '' }),
      forge(name, { bod: {} }),
      forge(name, {}, {}, hmac('a secret of somebody else, quite long')),
      forge(name, {}, {}, hmac('')),
      forge(name, {}, {}, unsigned),
      forge(name, {}, { alg: 'none' }, unsigned),
      forge(name, {}, { alg: 'HS384' }, hmac(system.passportKeys[0] ?? '', 'sha384')),
      forge(name, {}, { typ: 'JWT' }),
      forge(name, {}, { crit: ['other'], other: true }),
      ann.accessToken,
    ]
    expect((await send(name, forge(name, {}), '{')).status).toBe(401)
    for (const [index, passport] of passports.entries()) {
      expect({ index, status: (await send(name, passport)).status }).toEqual({ index, status: 401 })
    }
    await expectNothingDone()
  })

  it('refuses a passport that was seen on its way, with another body or to another subgraph', async () => {
    await ann.do('{ me { id } }')
    const [seen] = system.calls
    const passport = String(seen?.headers[passportHeader])
    expect((await send('profile', passport)).status).toBe(401)
    expect((await send('chat', passport, seen?.body)).status).toBe(401)
    await expectNothingDone()
  })

  it('opens a WebSocket only to a passport that was made for that', async () => {
    const { url } = system.subgraphs.chat
    const forAQuestion = issue('chat', JSON.stringify({ query: '{ rooms { edges { cursor } } }' }))
    for (const passport of ['', 'x', issue('profile', ''), forge('chat', { exp: 1 }), forAQuestion]) {
      expect(await upgrade(url, passport ? { [passportHeader]: passport } : {})).toBe(401)
    }
    expect(await upgrade(url, { [passportHeader]: issue('chat', '') })).toBe(101)
  })

  it.each(names)('%s has nothing else to read: no page, no other path, no GET', async (name) => {
    const { url } = system.subgraphs[name]
    for (const path of ['/', '/graphql', '/graphql?query={__typename}', '/.env', '/graphql/../../package.json']) {
      expect({ path, status: (await sendRaw(`${url}${path}`, {})).status }).toMatchObject({ path, status: 404 })
    }
  })

  it('tells in its metrics how much it does, and of nobody', async () => {
    const owner = await signUp(system.url, 'Ursula')
    const roomId = await createRoom(owner, 'PRIVATE', 'A plan of Ursula')
    const { status, text } = await sendRaw(`${system.subgraphs.chat.url}/metrics`, {})
    expect({ status, counts: /^parley_\w+\S* \d/m.test(text) }).toEqual({ status: 200, counts: true })
    for (const told of [owner.userId, owner.sessionId, roomId, 'Ursula']) expect(text).not.toContain(told)
  })

  it.each(names)('%s is not got round by another spelling of its path', async (name) => {
    const body = JSON.stringify({ query: questions[name] })
    const spellings = [
      '/%67raphql',
      '/graphql/',
      '//graphql',
      '/GraphQL',
      '/graphql%2f',
      '/x/../graphql',
      '/graphql;a=b',
      '/./graphql',
    ]
    for (const path of [...spellings, '/graphql?', '/graphql#a', '//', '/%', '/%2e%2e/graphql', 'http://x/graphql']) {
      const { hostname, port } = new URL(system.subgraphs[name].url)
      const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
      const headers = { 'content-type': 'application/json', ...ann.headers }
      const asked = request({ hostname, port, path, method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject)
      asked.end(body)
      expect({ path, refused: [400, 401, 404].includes((await promise) ?? 0) }).toEqual({ path, refused: true })
    }
    await expectNothingDone()
  })

  it.each(names)('%s believes only the token about who is asking, not the headers', async (name) => {
    const body = JSON.stringify({ query: questions[name] })
    const claims = {
      'x-user-id': ann.userId,
      'x-viewer': ann.userId,
      'x-session-id': ann.sessionId,
      cookie: `sub=${ann.userId}`,
    }
    const reply = await sendRaw(`${system.subgraphs[name].url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [passportHeader]: issue(name, body), ...claims },
      body,
    })
    expect(reply.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    await expectNothingDone()
  })

  it('shows no private room to a stranger through an entity or an odd representation, even with a passport', async () => {
    const owner = await signUp(system.url, 'Owner')
    const roomId = await createRoom(owner, 'PRIVATE', 'A secret of the owner')
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }'
    for (const name of names) {
      for (const typename of ['Room', 'Message', 'RoomMember', 'Session', 'Preferences', '__proto__', 'Query']) {
        const body = JSON.stringify({ query, variables: { r: [{ __typename: typename, id: roomId }] } })
        const reply = await send(name, issue(name, body), body)
        expectClean(reply.errors)
        expect(reply.text).not.toMatch(/secret of the owner/)
      }
    }
  })
})
