import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { eventually } from '../gateway/raw-socket.ts'
import { samplesOf } from '../metric-samples.ts'
import { follow, type Reader } from '../reader.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const onServers = (suite: () => void) =>
  describe('when nothing that happens in a room is announced, on real servers,', () => {
    if (hasServers()) suite()
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })

onServers(() => {
  let started: Awaited<ReturnType<typeof startProcessesOnServers>>
  let urls: string[]
  let ann: Person
  let ben: Person
  let roomId: string
  let readers: Reader[]

  beforeAll(async () => {
    // What would announce it does not run: Redis is there, and brings nothing.
    started = await startProcessesOnServers({}, { counts: { 'fan-out': 0 } })
    urls = started.system.processes.gateway.map(({ url }) => url)
    ann = await signUp(urls[0] ?? '', 'Ann')
    ben = await signUp(urls[1] ?? '', 'Ben')
  }, 120_000)
  afterAll(async () => {
    await Promise.all((readers ?? []).map((reader) => reader.close()))
    await started?.stop()
  }, 60_000)

  const upstreams = async () => {
    const texts = started.system.processes.chat.map(async ({ url }) => (await fetch(`${url}/metrics`)).text())
    const counts = (await Promise.all(texts)).map((text) => samplesOf(text, 'parley_feed_listeners')[''] ?? 0)
    return counts.reduce((sum, count) => sum + count, 0)
  }

  it('the subscriptions of a removed member end all the same, and the others miss nothing', async () => {
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const of = (who: Person) => urls.map((url) => follow(url, who, roomId))
    const [watching, removed] = [of(ann), of(ben)]
    readers = [...watching, ...removed]
    await Promise.all(readers.map((reader) => reader.until(({ events }) => events.length > 0)))
    await eventually(async () => (await upstreams()) === urls.length, 'all are shared')

    await send(ben, roomId, 'before')
    await ann.do('mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }', {
      roomId,
      userId: ben.userId,
    })
    await send(ann, roomId, 'after')
    await Promise.all(removed.map((reader) => reader.until(({ ended }) => ended !== undefined)))
    await Promise.all(watching.map((reader) => reader.until((seen) => seen.sent().length === 2)))
    for (const reader of removed) {
      expect(reader.ended).toEqual({ completed: true })
      expect(reader.events.map(({ __typename }) => __typename)).toEqual(['RoomSnapshot', 'MessageSent', 'MemberLeft'])
      expect(reader.events.at(-1)?.userId).toBe(ben.userId)
    }
    for (const reader of watching) {
      expect(reader.ended).toBeUndefined()
      expect(reader.events.map(({ message, userId }) => message?.text ?? userId)).toEqual([
        undefined,
        'before',
        ben.userId,
        'after',
      ])
    }
    expect(await upstreams()).toBe(urls.length)
  }, 60_000)
})
