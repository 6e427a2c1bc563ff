import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { chatDefaults } from '../config.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { draftOf, happen, joined, roomUpdated } from '../testing/drafts.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { startGivingOwners } from './give-owners.ts'
import { createRoomLog } from './room-log.ts'

const logger = createLogger('chat', 'silent')

interface Storage {
  open(): Promise<ChatStore>
  remove(): Promise<void>
}

describe('on sqlite', () => givesOwners(temporaryStorage))
onServer('mongodb', (url) => givesOwners(async () => temporaryMongodbStorage(url)))

function givesOwners(makeStorage: () => Promise<Storage>): void {
  let storage: Storage
  let store: ChatStore
  let committed: RoomEvent[]
  beforeEach(async () => {
    storage = await makeStorage()
    store = await storage.open()
    committed = []
  })
  afterEach(async () => {
    await store.close()
    await storage.remove()
  })
  const run = async () => {
    const log = createRoomLog({
      store,
      logger,
      limits: chatDefaults.commits,
      onCommitted: (events) => void committed.push(...events),
    })
    await (await startGivingOwners({ store, log, logger })).close()
    await log.close()
  }
  const ownersOf = async (roomId: string) =>
    (await store.state.members(roomId, { first: 1_000 })).items
      .filter(({ role }) => role === 'OWNER')
      .map(({ userId }) => userId)
  const left = (userId: string) => draftOf({ type: 'MemberLeft', userId, reason: 'LEFT' })

  it('gives a room that was left without an owner its first moderator, or else its first member, by an event of its log', async () => {
    await happen(store, 'a', roomUpdated(), joined('ann', 'OWNER'), joined('bob'), joined('eve'), left('ann'))
    const many = Array.from({ length: 150 }, (_, index) => joined(`user ${index}`))
    await happen(store, 'b', roomUpdated(), ...many, joined('mel', 'MODERATOR'), joined('mod', 'MODERATOR'))
    await run()
    expect([await ownersOf('a'), await ownersOf('b')]).toEqual([['bob'], ['mel']])
    expect(committed.map(({ roomId, seq, change }) => [roomId, seq, change.type])).toEqual([
      ['a', 6, 'MemberChanged'],
      ['b', 154, 'MemberChanged'],
    ])
    expect(await store.log.read('a', 5, 10)).toEqual(committed.slice(0, 1))
    await run()
    expect(committed).toHaveLength(2)
  })

  it('leaves rooms with an owner, and empty ones, as they are', async () => {
    await happen(store, 'a', roomUpdated(), joined('ann', 'OWNER'), joined('bob'))
    await happen(store, 'b', roomUpdated(), joined('bob'), left('bob'))
    await run()
    expect(committed).toEqual([])
  })

  it('gives one owner, however many processes are at it', async () => {
    await happen(store, 'a', roomUpdated(), joined('bob'), joined('eve'))
    await Promise.all([run(), run(), run()])
    expect(await ownersOf('a')).toEqual(['bob'])
    expect(committed).toHaveLength(1)
  })

  it('goes through more rooms than it reads at a time', async () => {
    const rooms = Array.from({ length: 230 }, (_, index) => `room ${index}`)
    for (const roomId of rooms) await happen(store, roomId, roomUpdated(), joined('bob'))
    await run()
    expect(await store.state.withoutOwner('', 10)).toEqual([])
    expect(committed).toHaveLength(rooms.length)
  }, 60_000)
}
