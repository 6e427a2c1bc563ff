import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { v7 } from 'uuid'
import { forgeToken, readToken } from '../attacks/forged-token.ts'
import { expectCode } from '../attacks/refusals.ts'
import { type StandInIssuer, standInForAuth } from '../attacks/stand-in-issuer.ts'
import { ask, createRoom, joinRoom, type Person, type Reply, signUp } from '../clients.ts'
import { follow } from '../reader.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { startSystem } from '../system.ts'

/** A system, and two people with accounts of which the profile subgraph has heard nothing. */
interface Scene {
  url: string
  unknown: [Person, Person]
  stop(): Promise<void>
}

/** On the embedded engine the event log cannot be away: somebody else issues the tokens, and announces no account. */
async function startEmbedded(): Promise<Scene> {
  const system = await startSystem()
  const ann = await signUp(system.url, 'Ann')
  const issuer: StandInIssuer = await standInForAuth(system)
  const stranger = (): Person => {
    const userId = v7()
    const claims = { ...readToken(ann.accessToken).claims, sub: userId, sid: v7(), jti: v7() }
    const accessToken = forgeToken({ alg: 'ES256', typ: 'at+jwt', kid: issuer.keyId }, claims, issuer.signer)
    const headers = { authorization: `Bearer ${accessToken}` }
    const attempt: Person['try'] = (query, variables) => ask(system.url, query, variables, headers)
    return { ...ann, userId, accessToken, headers, try: attempt, do: doing(attempt) }
  }
  const stop = async () => {
    await issuer.stop()
    await system.stop()
  }
  return { url: system.url, unknown: [stranger(), stranger()], stop }
}

const doing =
  (attempt: Person['try']): Person['do'] =>
  async <T>(query: string, variables?: object) => {
    const { data, errors } = await attempt<T>(query, variables)
    if (!data || errors) throw new Error(JSON.stringify(errors))
    return data
  }

/** On the servers, auth announces accounts where nobody reads. */
async function startOnServers(): Promise<Scene> {
  const { system, stop } = await startProcessesOnServers({}, { only: { auth: { KAFKA_PREFIX: `unread-${v7()}.` } } })
  const url = system.processes.gateway[0]?.url ?? ''
  return { url, unknown: [await signUp(url, 'Ann'), await signUp(url, 'Ben')], stop }
}

describe.each([
  ['on the embedded engine', true, startEmbedded],
  ['on real servers', hasServers(), startOnServers],
] as const)('somebody whose profile has not arrived, %s', (_, canRun, start) => {
  if (!canRun) return void it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})

  let scene: Scene
  let ann: Person
  let ben: Person
  let roomId: string
  beforeAll(async () => {
    scene = await start()
    ;[ann, ben] = scene.unknown
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
  }, 120_000)
  afterAll(() => scene?.stop())

  const expectUnavailableAt = (reply: Reply<unknown>, ...paths: (string | number)[][]) => {
    expectCode(reply, 'UNAVAILABLE')
    expect(new Set(reply.errors?.map(({ path }) => path?.join('.')))).toEqual(
      new Set(paths.map((path) => path.join('.'))),
    )
    expect(JSON.stringify(reply.data)).not.toContain('Deleted account')
  }

  it('is null with an error to themselves and to others, by each query', async () => {
    const query = 'query ($id: ID!) { me { displayName } user(id: $id) { displayName } }'
    const reply = await ann.try<{ me: null; user: null }>(query, { id: ben.userId })
    expect(reply.data).toEqual({ me: null, user: null })
    expectUnavailableAt(reply, ['me'], ['user'])
  })

  it('cannot change or delete what has not arrived, and is told so', async () => {
    for (const mutation of [
      'updateProfile(input: { displayName: "x" }) { id }',
      'updateProfile(input: {}) { id }',
      'createProfile(input: { displayName: "x" }) { id }',
      'updatePreferences(input: { theme: DARK }) { theme }',
      'deleteProfile',
    ])
      expectCode(await ann.try(`mutation { ${mutation} }`), 'UNAVAILABLE')
  })

  it('is null with an error behind every edge, beside the id, and nothing else is missing', async () => {
    const sent = await ann.try<{ sendMessage: { message: object } }>(
      `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { text senderId sender { displayName } } } }`,
      { input: { roomId, text: 'hello', clientMessageId: v7() } },
    )
    expect(sent.data?.sendMessage.message).toEqual({ text: 'hello', senderId: ann.userId, sender: null })
    expectUnavailableAt(sent, ['sendMessage', 'message', 'sender'])

    const seen = await ben.try<{
      room: { members: { edges: { node: object }[] }; messages: { edges: { node: object }[] } }
    }>(
      `query ($id: ID!) { room(id: $id) {
        members { edges { node { userId user { displayName } } } }
        messages { edges { node { text sender { username } } } }
      } }`,
      { id: roomId },
    )
    expect(seen.data?.room.members.edges.map(({ node }) => node)).toEqual(
      [ann, ben].map(({ userId }) => ({ userId, user: null })),
    )
    expect(seen.data?.room.messages.edges.map(({ node }) => node)).toEqual([{ text: 'hello', sender: null }])
    expectUnavailableAt(seen, ...[0, 1].map((index) => ['room', 'members', 'edges', index, 'node', 'user']), [
      'room',
      'messages',
      'edges',
      0,
      'node',
      'sender',
    ])
  })

  it('is null with an error in live events, which go on', async () => {
    const readers = [ann, ben].map((who) => follow(scene.url, who, roomId))
    await Promise.all(readers.map((reader) => reader.until(({ events }) => events.length > 0)))
    const texts = ['one', 'two', 'three']
    for (const text of texts) {
      const input = { roomId, text, clientMessageId: v7() }
      await ben.do('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }', { input })
    }
    for (const reader of readers) {
      await reader.until((seen) => seen.sent().length === texts.length)
      expect(reader.sent()).toMatchObject(texts.map((text) => ({ text, sender: null })))
      expectCode(reader, 'UNAVAILABLE')
      await reader.close()
    }
  })
})

describe('somebody who has deleted their profile', () => {
  it('is "Deleted account" behind every edge and nothing to queries, without an error', async () => {
    const system = await startSystem()
    const [ann, ben] = [await signUp(system.url, 'Ann'), await signUp(system.url, 'Ben')]
    const roomId = await createRoom(ann)
    await ann.do('mutation { deleteProfile }')
    await joinRoom(ben, roomId)
    const seen = await ben.do<object>(
      `query ($room: ID!, $user: ID!) {
        room(id: $room) { members { edges { node { user { displayName } } } } } user(id: $user) { displayName } }`,
      { room: roomId, user: ann.userId },
    )
    const shown = (displayName: string) => ({ node: { user: { displayName } } })
    expect(seen).toEqual({ room: { members: { edges: [shown('Deleted account'), shown('Ben')] } }, user: null })
    expect(await ann.do('{ me { id } }')).toEqual({ me: null })
    await system.stop()
  })
})
