import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { onServer } from '../../../../platform/testing/servers.ts'
import { eventsOf, origin } from '../../domain/position.ts'
import type { Draft, Message, RoomEvent } from '../../domain/room-event.ts'
import { draftOf, joined, roomUpdated } from '../../testing/drafts.ts'
import { heldCollections, type Turn } from '../../testing/held-collections.mongodb.ts'
import { temporaryMongodbStorage } from '../../testing/temporary-store.mongodb.ts'
import { createTurns } from '../../testing/turns.ts'
import { type Collections, collectionsOf, makeIndexes } from './collections.mongodb.ts'
import { createProjection } from './project.mongodb.ts'
import { createRoomLog } from './room-log.mongodb.ts'

/** Everything that can happen in a room, and what could undo it if it were applied late. */
function story(roomId: string): Draft[] {
  const message = (name: string, seq: number, more: Partial<Message> = {}): Message => ({
    id: `${roomId}/${name}`,
    roomId,
    senderId: 'ann',
    seq,
    clientMessageId: name,
    text: `secret of ${name}`,
    createdAt: 1_000,
    editedAt: null,
    deletedAt: null,
    ...more,
  })
  const send = (name: string) =>
    draftOf({ type: 'MessageSent', messageId: `${roomId}/${name}`, clientMessageId: name, text: `secret of ${name}` })
  const edit = (name: string, seq: number, text: string) =>
    draftOf({ type: 'MessageEdited', message: message(name, seq, { text, editedAt: 2_000 }) })
  const remove = (name: string, seq: number) =>
    draftOf({ type: 'MessageDeleted', message: message(name, seq, { text: '', deletedAt: 3_000 }) })
  const read = (userId: string, upTo: number) => draftOf({ type: 'ReadUpTo', userId, upTo })
  const leave = (userId: string, reason: 'LEFT' | 'REMOVED' | 'BANNED') =>
    draftOf({ type: 'MemberLeft', userId, reason })
  const promote = (userId: string, role: 'OWNER' | 'MODERATOR') =>
    draftOf({
      type: 'MemberChanged',
      member: { roomId, userId, role, joinedAt: 1_000, joinedSeq: 2, readUpTo: null },
    })
  return [
    draftOf({ type: 'RoomUpdated', name: 'First', topic: null, kind: 'PUBLIC', ownerId: 'ann' }),
    joined('bob'),
    joined('eve', 'MODERATOR'),
    send('one'),
    send('two'),
    read('bob', 4),
    edit('one', 4, 'secret edit'),
    roomUpdated('Second'),
    promote('bob', 'OWNER'),
    leave('eve', 'BANNED'),
    remove('one', 4),
    leave('ann', 'LEFT'),
    leave('mel', 'BANNED'),
    send('three'),
    joined('eve'),
    read('eve', 14),
    joined('ann', 'OWNER'),
    edit('two', 5, 'kept'),
    leave('bob', 'REMOVED'),
    roomUpdated('Third'),
    remove('three', 14),
    joined('mel'),
    leave('mel', 'LEFT'),
    edit('two', 5, 'kept longer'),
  ]
}

onServer('mongodb', (server) =>
  describe('projecting on mongodb', () => {
    const storage = temporaryMongodbStorage(server)
    let client: MongoClient
    let collections: Collections
    let expected: unknown

    beforeAll(async () => {
      client = new MongoClient(storage.url)
      collections = collectionsOf(client.db())
      await makeIndexes(collections)
      const events = await written()
      for (const event of events) await createProjection(collections)([event])
      expected = await stateOf(events)
    })
    afterAll(async () => {
      await client.close()
      await storage.remove()
    })

    /** A room whose log has the story, of which nothing is projected. */
    const written = async (): Promise<RoomEvent[]> => {
      const roomId = randomUUID()
      const log = createRoomLog(collections)
      const drafts = story(roomId)
      await log.append(roomId, origin, drafts)
      return eventsOf(roomId, origin, drafts)
    }
    const projectedOf = async (roomId: string) => (await collections.rooms.findOne({ _id: roomId }))?.projected ?? 0

    /** All that is stored of the room, to the last field, whatever its id. */
    const stateOf = async ([event]: RoomEvent[]) => {
      const roomId = event?.roomId ?? ''
      const sort = { _id: 1 } as const
      const state = {
        rooms: await collections.rooms.find({ _id: roomId }).toArray(),
        members: await collections.members.find({ roomId }, { sort }).toArray(),
        messages: await collections.messages.find({ roomId }, { sort }).toArray(),
        log: await collections.roomLog
          .find({ roomId }, { sort: { seq: 1 }, projection: { _id: 0, key: 0, previous: 0 } })
          .toArray(),
      }
      return JSON.parse(JSON.stringify(state).replaceAll(roomId, 'room'))
    }

    /** A projector that stops before its nth command, and does the rest when it is told to. */
    const heldUpAt = (nth: number) => {
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
      let commands = 0
      const turn: Turn = async (command) => {
        if (commands++ < nth) return command()
        reach()
        await released
        return command()
      }
      return { project: createProjection(heldCollections(collections, turn)), reached, release }
    }

    it('comes to what each event by itself comes to', async () => {
      const events = await written()
      await createProjection(collections)(events)
      expect(await stateOf(events)).toEqual(expected)
      expect(expected).toMatchObject({
        rooms: [{ name: 'Third', memberCount: 2, ownerCount: 1, projected: 24 }],
        messages: [{ text: '' }, { text: '' }, { text: 'kept longer' }],
      })
      expect(JSON.stringify(expected)).not.toMatch(/secret (edit|of one|of three)/)
    })

    it.each([1, 9, 19, 24])(
      'may be held up at any of its commands, with %i events, while others go on',
      async (count) => {
        let isDone = false
        for (let nth = 1; !isDone; nth += 1) {
          const events = await written()
          const slow = heldUpAt(nth)
          const finished = slow.project(events.slice(0, count)).then(() => true)
          isDone = await Promise.race([finished, slow.reached.then(() => false)])
          await createProjection(collections)(events)
          slow.release()
          await finished
          expect([nth, await stateOf(events)]).toEqual([nth, expected])
        }
      },
    )

    it.each([1, 19])('may die at any of its commands, with %i events: the next one finishes it', async (count) => {
      let isDone = false
      for (let nth = 1; !isDone; nth += 1) {
        const events = await written()
        const dying = heldUpAt(nth)
        isDone = await Promise.race([
          dying.project(events.slice(0, count)).then(() => true),
          dying.reached.then(() => false),
        ])
        await createProjection(collections)(events)
        expect([nth, await stateOf(events)]).toEqual([nth, expected])
      }
    })

    it.each(Array.from({ length: 10 }, (_, seed) => seed))(
      'takes any order of commands from four at once (%i)',
      async (seed) => {
        const events = await written()
        const roomId = events[0]?.roomId ?? ''
        const turns = createTurns(seed)
        const projector = async () => {
          const project = createProjection(heldCollections(collections, turns.turn))
          for (;;) {
            const projected = await turns.turn(() => projectedOf(roomId))
            if (projected === events.length) return
            await project(events.slice(projected, projected + 1 + turns.random(12)))
          }
        }
        const all = Promise.all(Array.from({ length: 4 }, projector))
        let reached = 0
        await turns.play(all, async () => {
          const projected = await projectedOf(roomId)
          expect(projected).toBeGreaterThanOrEqual(reached)
          if (projected === reached) return
          reached = projected
          // The room's number moves last: what it covers is there.
          const sent = events.filter(({ change, seq }) => change.type === 'MessageSent' && seq <= projected).length
          expect(await collections.messages.countDocuments({ roomId, seq: { $lte: projected } })).toBe(sent)
        })
        expect(await stateOf(events)).toEqual(expected)
      },
    )
  }),
)
