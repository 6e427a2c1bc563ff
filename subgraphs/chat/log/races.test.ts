import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import { onServer } from '../../../platform/testing/servers.ts'
import { chatDefaults } from '../config.ts'
import type { Chat } from '../domain/chat.ts'
import { addMember, leaveRoom, removeMember } from '../domain/members.ts'
import { sendMessage } from '../domain/messages.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { createRoom } from '../domain/rooms.ts'
import type { ChatStorage } from '../store/chat-store.contract.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { ann, bob, eve } from '../testing/people.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import { catchUp } from './catch-up.ts'
import { createRoomLog, type RoomLog } from './room-log.ts'

races('sqlite', temporaryStorage)
onServer('mongodb', (url) => races('mongodb', async () => temporaryMongodbStorage(url)))

function races(adapter: string, newStorage: () => Promise<ChatStorage>): void {
  describe(`two processes on ${adapter}`, () => {
    let storage: ChatStorage
    let stores: ChatStore[]
    let logs: RoomLog[]
    let one: Chat
    let other: Chat
    let roomId: string

    beforeEach(async () => {
      storage = await newStorage()
      stores = []
      logs = []
      one = await start()
      other = await start()
      await one.store.people.add(['ann', 'bob', 'eve'])
      roomId = await createRoom(one, ann, { name: 'Room', kind: 'PUBLIC', topic: null })
      await addMember(one, ann, roomId, 'bob', 'MEMBER')
    })
    afterEach(async () => {
      for (const log of logs) await log.close()
      for (const store of stores) await store.close()
      await storage.remove()
    })

    /** A process that writes and is followed by nobody. */
    const start = async (): Promise<Chat> => {
      const store = await storage.open()
      const logger = createLogger('chat', 'silent')
      const log = createRoomLog({ store, logger, limits: chatDefaults.commits, onCommitted: () => {} })
      stores.push(store)
      logs.push(log)
      const nobody = () => Promise.reject(new Error('Nobody follows here'))
      const close = async () => {}
      return {
        store,
        log,
        feeds: { listen: nobody, knownSeq: () => 0, replayTurns: { next: nobody }, close },
        arrivals: { arrive: nobody, close },
        maxReplay: 1,
      }
    }
    const events = () => one.store.log.read(roomId, 0, 10_000)
    const isAbout = ({ change }: RoomEvent, type: string, userId: string) =>
      change.type === type && 'userId' in change && change.userId === userId

    it('never let a message of a removed member follow the removal, in any of many races', async () => {
      let acknowledged = 0
      for (let round = 0; round < 10; round += 1) {
        const send = (text: string, index: number) =>
          sendMessage(index % 2 ? one : other, bob, { roomId, text, clientMessageId: `${round}.${text}.${index}` })
        const early = Array.from({ length: 8 }, (_, index) => send('early', index))
        const removed = removeMember(round % 2 ? one : other, ann, roomId, 'bob', round % 3 === 0)
        const late = Array.from({ length: 8 }, (_, index) => send('late', index))
        const sends = await Promise.allSettled([...early, ...late])
        await removed
        acknowledged += sends.filter(({ status }) => status === 'fulfilled').length
        await addMember(one, ann, roomId, 'bob', 'MEMBER')
      }
      const all = await events()
      expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1))
      let inside = false
      let sent = 0
      for (const event of all) {
        if (isAbout(event, 'MemberJoined', 'bob')) inside = true
        if (isAbout(event, 'MemberLeft', 'bob')) inside = false
        if (event.change.type !== 'MessageSent') continue
        expect(inside).toBe(true)
        sent += 1
      }
      expect(sent).toBe(acknowledged)
      expect(sent).toBeGreaterThan(0)
      expect(sent).toBeLessThan(10 * 16)
    }, 60_000)

    it('keep the last owner: of two who leave at once one is refused', async () => {
      for (let round = 0; round < 5; round += 1) {
        await addMember(one, ann, roomId, 'eve', 'OWNER')
        const results = await Promise.allSettled([leaveRoom(one, ann, roomId), leaveRoom(other, eve, roomId)])
        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
        expect((await catchUp(one.store, roomId))?.ownerCount).toBe(1)
        const hasAnn = (await one.store.state.memberships('ann', [roomId])).length > 0
        if (!hasAnn) await addMember(one, eve, roomId, 'ann', 'OWNER')
        if (!hasAnn) await leaveRoom(one, eve, roomId)
      }
    }, 60_000)

    it('let the one finish what the other has committed and not projected', async () => {
      const { store } = one
      const projecting = store.state.project
      const failing: ChatStore = {
        ...store,
        state: { ...store.state, project: () => Promise.reject(new Error('Dead')) },
      }
      const logger = createLogger('chat', 'silent')
      const log = createRoomLog({ store: failing, logger, limits: chatDefaults.commits, onCommitted: () => {} })
      logs.push(log)
      const { message } = await sendMessage({ ...one, log }, ann, { roomId, text: 'last words', clientMessageId: 'x' })
      expect((await store.state.rooms([roomId]))[0]?.projected).toBe(message.seq - 1)
      await sendMessage(other, bob, { roomId, text: 'next', clientMessageId: 'y' })
      const { items } = await store.state.messages(roomId, { take: 'first', count: 10 })
      expect(items.map(({ text }) => text)).toEqual(['last words', 'next'])
      await projecting(await events())
      expect((await store.state.messages(roomId, { take: 'first', count: 10 })).items).toEqual(items)
    })
  })
}
