import { randomUUID } from 'node:crypto'
import type { SignedInUser } from '../../platform/identity/viewer.ts'
import type { Resources } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { chatDefaults } from '../../subgraphs/chat/config.ts'
import type { Chat } from '../../subgraphs/chat/domain/chat.ts'
import { sendMessage } from '../../subgraphs/chat/domain/messages.ts'
import { createRoom } from '../../subgraphs/chat/domain/rooms.ts'
import { createRoomLog } from '../../subgraphs/chat/log/room-log.ts'
import { createPublisher } from '../../subgraphs/chat/outbox/publisher.ts'
import { send } from '../../tests/clients.ts'
import { makePlaces, type Place } from '../clients/audience.ts'
import { eachOf } from '../load.ts'
import type { InsertFloor, MeasuredStore } from './store.ts'

/** Sends to one of the rooms; resolves when that is acknowledged. */
export type Sender = (room: number) => Promise<unknown>

const logger = createLogger('bench', 'error')
const text = 'a message of the usual length'
const viewer: SignedInUser = {
  userId: randomUUID(),
  sessionId: 'bench',
  keyId: 'key',
  expiresAt: Number.MAX_SAFE_INTEGER,
}

/** Inserts what a send inserts, numbered on in each room. */
export function floorSender(floor: InsertFloor, rooms: number): Sender {
  const roomIds = Array.from({ length: rooms }, () => randomUUID())
  const heads = Array<number>(rooms).fill(0)
  return (room) => {
    const roomId = roomIds[room] ?? ''
    const seq = (heads[room] ?? 0) + 1
    heads[room] = seq
    const [messageId, clientMessageId, actorId] = [randomUUID(), randomUUID(), viewer.userId]
    const change = { type: 'MessageSent', messageId, clientMessageId, text } as const
    return floor.insert({ roomId, seq, key: `${actorId}:${clientMessageId}`, actorId, at: Date.now(), change })
  }
}

/** Chat's own functions on the store: the rules, the log's append and the projection, and while it is wanted the publication. */
export async function chatSender(resources: Resources, { store, eventLog }: MeasuredStore, rooms: number) {
  const publisher = resources.own(createPublisher({ store, eventLog, logger, maxWaiting: chatDefaults.maxPublishing }))
  let publishes = false
  const log = resources.own(
    createRoomLog({
      store,
      logger,
      limits: chatDefaults.commits,
      onCommitted(events) {
        if (publishes) publisher.publishSoon(events)
      },
    }),
  )
  const chat: Chat = { store, log, ...nobodyFollows, maxReplay: chatDefaults.maxReplay }
  const roomIds = await eachOf(Array.from({ length: rooms }), 16, () =>
    createRoom(chat, viewer, { name: 'A room', kind: 'PRIVATE', topic: null }),
  )
  const send: Sender = (room) =>
    sendMessage(chat, viewer, { roomId: roomIds[room] ?? '', text, clientMessageId: randomUUID() })
  return {
    send,
    publish(wanted: boolean) {
      publishes = wanted
    },
    /** Waits until all that was sent is published. */
    published: async () => publisher.close(),
  }
}

const followed = () => Promise.reject(new Error('Nothing is followed here'))
const nobodyFollows: Pick<Chat, 'feeds' | 'arrivals'> = {
  feeds: { listen: followed, knownSeq: () => 0, replayTurns: { next: followed }, close: async () => {} },
  arrivals: { arrive: followed, close: async () => {} },
}

/** Sends through the public graph. */
export async function graphSender(urls: string[], rooms: number): Promise<Sender> {
  const places = await makePlaces(urls[0] ?? '', rooms)
  let count = 0
  return (room) => {
    const { owner, roomId } = places[room] as Place
    count += 1
    return send(owner.at(urls[count % urls.length] ?? ''), roomId, text)
  }
}
