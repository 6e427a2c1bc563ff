import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../../dev/network.ts'
import { defaultPointsPerMinute } from '../../gateway/config.ts'
import { bytesPerPoint } from '../../gateway/limits/cost/measure-operation.ts'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

const query = `subscription ($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) { __typename cursor ... on MessageSent { message { text } } }
}`
const follow = (socket: RawSocket, id: string, roomId: string, after?: string) =>
  socket.subscribe(id, query, { roomId, after })
/** Waits until the subscription has caught up or ended; returns its error. */
const outcome = async (socket: RawSocket, of: string) => {
  const last = () =>
    socket.messages.findLast(
      ({ id, type, payload }) =>
        id === of && (type === 'error' || /CaughtUp|RoomSnapshot/.test(payload?.data?.roomEvents?.__typename)),
    )
  await eventually(() => last() !== undefined, `${of} has caught up or ended`)
  const message = last()
  return message?.type === 'error' ? message.payload[0] : undefined
}
const cursors = (socket: RawSocket, id: string): string[] => socket.nexts(id).map(({ data }) => data.roomEvents.cursor)

describe('who replays again and again', () => {
  const points = 120_000
  const eventBytes = 12_000
  let folder: string
  let system: Network
  let [ann, ben]: Person[] = []
  let roomId: string
  const sent: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-replays-'))
    const before = await startSystem({ dataDir: folder })
    ann = await signUp(before.url, 'Ann')
    ben = await signUp(before.url, 'Ben')
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    for (let count = 0; count <= 50; count += 1) {
      sent.push((await send(ann, roomId, '\u{1F600}'.repeat(eventBytes / 4))).message.cursor)
    }
    await before.stop()
    system = await startSystem({ dataDir: folder, gateway: { pointsPerMinute: { ofUser: points, ofAddress: 1e9 } } })
    ;[ann, ben] = [ann.at(system.url), ben.at(system.url)]
  }, 60_000)
  afterAll(async () => {
    await system.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('pays for what it is given, is refused once that is spent, and goes on after its cursor; others notice nothing', async () => {
    const socket = await connect(system.url, (ben as Person).headers.authorization)
    let refused: { id: string; error: { extensions: Record<string, unknown> } } | undefined
    for (let round = 0; !refused; round += 1) {
      const ids = Array.from({ length: 4 }, (_, index) => `${round} ${index}`)
      for (const id of ids) follow(socket, id, roomId, sent[0])
      for (const id of ids) {
        const error = await outcome(socket, id)
        if (error && !refused) refused = { id, error }
        else if (!error) socket.send({ id, type: 'complete' })
      }
    }
    expect(refused.error.extensions).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      limit: 'points_per_minute',
      asked: expect.any(Number),
      allowed: points,
      retryAfter: expect.any(Number),
    })
    const given = socket.messages.reduce((sum, { payload }) => sum + (payload ? JSON.stringify(payload).length : 0), 0)
    expect(given / bytesPerPoint).toBeLessThan(points)
    // What it was given has no hole: it goes on after that.
    expect(cursors(socket, refused.id)).toEqual(sent.slice(1, 1 + cursors(socket, refused.id).length))
    const { errors } = await (ben as Person).try('{ me { id } }')
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'TOO_MANY_REQUESTS', limit: 'points_per_minute' })

    const other = await connect(system.url, (ann as Person).headers.authorization)
    follow(other, 'room', roomId, sent[0])
    expect(await outcome(other, 'room')).toBeUndefined()
    await Promise.all([socket.close(), other.close()])
  }, 60_000)
})

describe('who was away for thousands of messages', () => {
  const count = 1_000
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-replays-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('catches up without an interruption, and with ten thousand events in a minute pays a fraction of its points', async () => {
    const before = await startSystem({ dataDir: folder })
    let [ann, roomId, after]: [Person?, string?, string?] = []
    try {
      ann = await signUp(before.url, 'Ann')
      roomId = await createRoom(ann)
      after = (await send(ann, roomId, 'the last that was seen')).message.cursor
      for (let sent = 0; sent < count; sent += 50) {
        const texts = Array.from({ length: 50 }, (_, index) => `message ${sent + index}`)
        await Promise.all(texts.map((text) => send(ann as Person, roomId as string, text)))
      }
    } finally {
      await before.stop()
    }

    const ofUser = defaultPointsPerMinute.ofUser / 6
    const system = await startSystem({
      dataDir: folder,
      gateway: { pointsPerMinute: { ...defaultPointsPerMinute, ofUser } },
    })
    try {
      const socket = await connect(system.url, ann.headers.authorization)
      for (let round = 0; round < 10; round += 1) {
        const id = `round ${round}`
        follow(socket, id, roomId, after)
        expect(await outcome(socket, id)).toBeUndefined()
        const texts = socket.nexts(id).flatMap(({ data }) => data.roomEvents.message?.text ?? [])
        expect(new Set(texts).size).toBe(count)
        expect(texts).toHaveLength(count)
        socket.send({ id, type: 'complete' })
      }
      await socket.close()
    } finally {
      await system.stop()
    }
  }, 120_000)
})
