import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { v7 } from 'uuid'
import { createRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

const addMember = `mutation ($input: AddMemberInput!) { addMember(input: $input) { userId } }`
const ban = 'mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId, ban: true) }'

onEachEngine('a room', (start) => {
  let system: System
  let ann: Person
  let roomId: string
  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    roomId = await createRoom(ann, 'PRIVATE')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  it('takes somebody who registered a moment ago and has never asked for anything', async () => {
    const ben = await signUp(system.otherUrl, 'Ben')
    expect(await ann.do(addMember, { input: { roomId, userId: ben.userId } })).toEqual({
      addMember: { userId: ben.userId },
    })
  })

  it('takes nobody who does not exist, and does not ban them', async () => {
    const inTime = (milliseconds: number) => v7({ msecs: milliseconds })
    const ids = { NOT_FOUND: [randomUUID(), inTime(Date.now() - 100_000_000)], UNAVAILABLE: [v7()] }
    for (const [code, userIds] of Object.entries(ids))
      for (const userId of userIds) {
        for (const [query, variables] of [
          [addMember, { input: { roomId, userId } }],
          [ban, { roomId, userId }],
        ] as const)
          expect((await ann.try(query, variables)).errors?.[0]?.extensions.code).toBe(code)
      }
  })

  it('begins with as many of the newest messages as fit in a bound, and the rest comes in pages', async () => {
    const long = await createRoom(ann)
    const texts = Array.from({ length: 100 }, (_, number) => `${number} ${'\u{1f642}'.repeat(1_900)}`)
    for (const text of texts) await send(ann, long, text)
    const reader = follow(system.otherUrl, ann, long)
    await reader.until(({ events }) => events.length > 0)
    const shown = reader.events[0]?.messages ?? []
    await reader.close()
    expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThan(256_000)
    const all = shown.map(({ text }) => text)
    expect(all.length).toBeGreaterThan(10)
    const query = `query ($roomId: ID!, $last: Int, $before: String) { room(id: $roomId) {
      messages(last: $last, before: $before) { edges { cursor node { text } } pageInfo { startCursor hasPreviousPage } } } }`
    interface PageOfMessages {
      room: {
        messages: {
          edges: { cursor: string; node: { text: string } }[]
          pageInfo: { startCursor: string; hasPreviousPage: boolean }
        }
      }
    }
    const { room } = await ann.do<PageOfMessages>(query, { roomId: long, last: shown.length })
    expect(room.messages.edges.map(({ node }) => node.text)).toEqual(all)
    for (let { startCursor: before, hasPreviousPage: more } = room.messages.pageInfo; more; ) {
      const { edges, pageInfo } = (await ann.do<PageOfMessages>(query, { roomId: long, last: 20, before })).room
        .messages
      all.unshift(...edges.map(({ node }) => node.text))
      before = pageInfo.startCursor
      more = pageInfo.hasPreviousPage
    }
    expect(all).toEqual(texts)
  }, 60_000)
})
