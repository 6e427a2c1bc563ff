import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { createParleyClient } from '../../client/parley-client.ts'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import type { Link } from '../failures/link.ts'
import { startSlowLink, whileBytesMove } from '../gateway/slow-link.ts'
import { follow, type Reader } from '../reader.ts'

const heartbeat = 2_000
/** The longest text that a message may have. */
const longText = (about: string) => about.padEnd(4_000, ' x')
const history = Array.from({ length: 100 }, (_, index) => longText(`old ${index}`))
const live = ['live 1', 'live 2', longText('live 3'), 'live 4']

const pageOfMessages = `query ($roomId: ID!) {
  room(id: $roomId) { messages(last: 100) { edges { node { text } } } }
}`
const subscription = `subscription ($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename cursor
    ... on RoomSnapshot { reset messages { text } }
    ... on MessageSent { message { text } }
  }
}`
interface Followed {
  roomEvents: { __typename: string; message?: { text: string }; messages?: { text: string }[] }
}

onEachEngine('a client on a slow link, in a room of long messages', (start) => {
  let system: System
  let ann: Person
  let ben: Person
  let roomId: string
  let early: string
  const links: Link[] = []
  const readers: Reader[] = []

  beforeAll(async () => {
    system = await start({ heartbeat })
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    early = (await send(ann, roomId, 'the first')).message.cursor
    for (const text of history) await send(ann, roomId, text)
  }, 120_000)
  afterAll(async () => {
    for (const reader of readers) await reader.close()
    for (const link of links) link.close()
    await system?.stop()
  }, 60_000)

  const slowLink = async (bytesPerSecond: number) => {
    const link = await startSlowLink(system.url, bytesPerSecond)
    links.push(link)
    return link
  }
  const followOver = (link: Link, after?: string) => {
    const reader = follow(link.url, ben, roomId, after)
    readers.push(reader)
    return reader
  }
  const textsOf = (reader: Reader) => [
    ...(reader.events[0]?.messages ?? []).map(({ text }) => text),
    ...reader.sent().map(({ text }) => text),
  ]
  /** With a client of the package, which gives up a connection that seems dead, and begins anew. */
  const followWithClient = (link: Link) => {
    const texts: string[] = []
    const client = createParleyClient({
      url: `${link.url.replace('http', 'ws')}/graphql`,
      token: async () => ben.accessToken,
      webSocketImpl: WebSocket,
    })
    client.follow<Followed>({
      query: subscription,
      variables: { roomId },
      onEvent: ({ messages = [], message }) =>
        texts.push(...[...messages, ...(message ? [message] : [])].map(({ text }) => text)),
    })
    return { texts, close: client.close }
  }

  it('gets its snapshot or what it missed, and then what is live, in order and exactly once', async () => {
    const [slowest, slow, resuming, client, asking] = (await Promise.all(
      [20_000, 40_000, 40_000, 40_000, 40_000].map(slowLink),
    )) as [Link, Link, Link, Link, Link]
    const newcomers = [
      { link: slowest, reader: followOver(slowest) },
      { link: slow, reader: followOver(slow) },
    ]
    const resumed = followOver(resuming, early)
    const packaged = followWithClient(client)
    const page = ben
      .at(asking.url)
      .do<{ room: { messages: { edges: { node: { text: string } }[] } } }>(pageOfMessages, { roomId })
    // It comes while the snapshots are on their way.
    await whileBytesMove(slowest, () => slowest.bytes() > 20_000, 'the snapshot has begun')
    for (const text of live) await send(ann, roomId, text)

    for (const { link, reader } of newcomers) {
      await whileBytesMove(link, () => reader.sent().length === live.length, 'all has come')
      const snapshot = reader.events[0]?.messages ?? []
      expect(JSON.stringify(snapshot).length).toBeGreaterThan(200_000)
      expect(textsOf(reader)).toEqual([...history.slice(-snapshot.length), ...live])
    }
    await whileBytesMove(resuming, () => resumed.sent().length === history.length + live.length, 'all has come')
    expect(textsOf(resumed)).toEqual([...history, ...live])
    await whileBytesMove(client, () => packaged.texts.at(-1) === live.at(-1), 'all has come')
    expect(packaged.texts).toEqual([...history, ...live].slice(-packaged.texts.length))
    await packaged.close()
    expect(
      (await page).room.messages.edges.map(({ node }) => node.text).filter((text) => !live.includes(text)),
    ).toEqual(['the first', ...history].slice(-100))

    // Only something new shows that none of them was cut.
    await send(ann, roomId, 'the last')
    for (const reader of [...newcomers.map(({ reader }) => reader), resumed]) {
      await reader.until((seen) => seen.sent().at(-1)?.text === 'the last')
      expect(reader.errors).toEqual([])
      expect(reader.ended).toBeUndefined()
    }
  }, 120_000)
})
