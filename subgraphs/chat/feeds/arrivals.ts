import { setTimeout as pause } from 'node:timers/promises'
import { unavailable } from '../../../platform/errors/app-error.ts'
import type { Page } from '../../../platform/graphql/page.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import { origin, type Position } from '../domain/position.ts'
import type { Room } from '../domain/room.ts'
import type { Membership, Message } from '../domain/room-event.ts'
import { catchUpToHead } from '../log/catch-up.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { createArrivalCounts } from './arrival-metrics.ts'

/** The last messages of a room at one position, and whether it has others before them. */
export interface Snapshot {
  messages: Message[]
  hasPreviousPage: boolean
}

/** What whoever wants to follow a room is held against. */
export interface Arrival {
  /** The room at the head of its log, read after the arrival; undefined while it has no events. */
  room: Room | undefined
  /** The head of the log up to which the room is projected. */
  head: Position
  /** When the event at the head happened; 0 while there is none. */
  lastAt: number
  /** The user's membership, read after the room: a removal that it does not show yet is in the log after `head`. */
  membership: Membership | undefined
  /**
   * The last 100 messages of the room up to that position, or as many of the newest as fit in the bytes of a snapshot, in order. Those
   * who arrived together share one read.
   */
  snapshot(): Promise<Snapshot>
}

/**
 * Looks up those who want to follow a room, all who came since the last time together. However many they are, a room costs a
 * lookup at a time and a bounded number of them in a second. (After a restart everybody comes at once.)
 */
export interface Arrivals {
  /** Without a user it is about the room alone. Throws `UNAVAILABLE` when the store cannot be reached, or too many wait. */
  arrive(roomId: string, userId?: string): Promise<Arrival>
  /** Waits until nobody is being looked up. */
  close(): Promise<void>
}

export interface ArrivalsOptions {
  store: ChatStore
  metrics?: Metrics
  /** How many may wait for one room. */
  maxWaiting: number
  /** About how many bytes of messages a snapshot may have. The newest message is in it, whatever it takes. */
  snapshotBytes: number
  /** How long a room's next lookup waits for others to come, in milliseconds. The first is made at once. */
  rest?: number
}

interface Waiting {
  userId: string | undefined
  resolve(arrival: Arrival): void
  reject(error: unknown): void
}

const snapshotSize = 100

export function createArrivals({ store, metrics, maxWaiting, snapshotBytes, rest = 25 }: ArrivalsOptions): Arrivals {
  const rooms = new Map<string, Waiting[]>()
  const serving = new Set<Promise<void>>()
  const count = createArrivalCounts(metrics, {
    waiting: () => [...rooms.values()].reduce((sum, { length }) => sum + length, 0),
    limit: maxWaiting,
  })

  const lookUp = async (roomId: string, together: Waiting[]) => {
    count('lookups')
    try {
      // In this order: a membership that is older than the position may have ended before it, and no event would tell.
      const { room, head, lastAt } = (await catchUpToHead(store, roomId)) ?? {
        room: undefined,
        head: origin,
        lastAt: 0,
      }
      const userIds = [...new Set(together.flatMap(({ userId }) => userId ?? []))]
      const members = room && userIds.length > 0 ? await store.state.membersAmong(roomId, userIds) : []
      const memberships = new Map(members.map((member) => [member.userId, member]))
      const snapshot = once(async () => newestWithin(snapshotBytes, await lastMessages(store, roomId, head.seq)))
      for (const { userId, resolve } of together)
        resolve({
          room,
          head,
          lastAt,
          membership: userId === undefined ? undefined : memberships.get(userId),
          snapshot,
        })
    } catch (error) {
      for (const { reject } of together) reject(error)
    }
  }
  const serve = async (roomId: string, waiting: Waiting[]) => {
    while (waiting.length > 0) {
      await lookUp(roomId, waiting.splice(0))
      await pause(rest)
    }
    rooms.delete(roomId)
  }
  return {
    arrive(roomId, userId) {
      const waiting = rooms.get(roomId) ?? []
      if (waiting.length >= maxWaiting) {
        count('refused')
        return Promise.reject(unavailable('Too many want to follow the room. Try again.'))
      }
      const { promise, resolve, reject } = Promise.withResolvers<Arrival>()
      waiting.push({ userId, resolve, reject })
      if (!rooms.has(roomId)) {
        rooms.set(roomId, waiting)
        const served = serve(roomId, waiting)
        serving.add(served)
        void served.finally(() => serving.delete(served))
      }
      return promise
    },
    async close() {
      while (serving.size > 0) await Promise.all(serving)
    },
  }
}

const lastMessages = (store: ChatStore, roomId: string, position: number) =>
  store.state.messages(roomId, { before: position + 1, take: 'last', count: snapshotSize })

/** The work is done when it is first asked for, and once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= work()
    return done
  }
}

/** What a message takes in JSON besides its text, about. */
const messageBytes = 500

function newestWithin(maxBytes: number, { items: messages, hasPreviousPage }: Page<Message>): Snapshot {
  let left = maxBytes
  const tooOld = messages.findLastIndex(({ text }) => {
    left -= messageBytes + Buffer.byteLength(text)
    return left < 0
  })
  const first = Math.max(0, Math.min(tooOld + 1, messages.length - 1))
  return { messages: messages.slice(first), hasPreviousPage: hasPreviousPage || first > 0 }
}
