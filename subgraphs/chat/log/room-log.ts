import { AppError, unavailable } from '../../../platform/errors/app-error.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { commitBatch, type Waiting } from './commit-batch.ts'
import { createCommitCounts } from './commit-metrics.ts'
import { createRoomClock } from './room-clock.ts'
import type { Command, Committed } from './room-commands.ts'

/** Commits to the logs of rooms. */
export interface RoomLog {
  /**
   * Commits a command once the rules allow it at the room's head. What is asked for while an append is in flight goes into
   * the next one together (group commit). Throws what `decide` throws, and `UNAVAILABLE` when the store cannot be reached, or
   * too much waits for the room, in all or of this user.
   */
  commit(roomId: string, command: Command): Promise<Committed>
  /** Waits until nothing is in flight. */
  close(): Promise<void>
}

export interface CommitLimits {
  /** How many commands may wait for one room. */
  maxWaiting: number
  /** How many commands go into one append. */
  maxBatch: number
}

export interface RoomLogOptions {
  store: ChatStore
  logger: Logger
  metrics?: Metrics
  onCommitted(events: RoomEvent[]): void
  limits: CommitLimits
}

export function createRoomLog({ store, logger, metrics, onCommitted, limits }: RoomLogOptions): RoomLog {
  const { maxWaiting, maxBatch } = limits
  const queues = new Map<string, Waiting[]>()
  const writers = new Set<Promise<void>>()
  const clock = createRoomClock(logger)
  const count = createCommitCounts(metrics, {
    waiting: () => [...queues.values()].reduce((sum, { length }) => sum + length, 0),
    limit: maxWaiting,
  })

  const write = async (roomId: string, queue: Waiting[]) => {
    while (queue.length > 0) {
      // What comes in the same turn of the event loop goes along: a store in this process would be done before the second has come.
      await nextTurn()
      const batch = queue.splice(0, batchLength(queue, maxBatch))
      count('batches')
      try {
        await commitBatch({ store, logger, clock, onCommitted }, roomId, batch)
      } catch (error) {
        if (!(error instanceof AppError)) logger.error({ err: error, roomId }, 'a commit failed')
        const reply =
          error instanceof AppError ? error : unavailable('Messages cannot be stored right now. Send again.')
        for (const { reject } of batch) reject(reply)
      }
    }
    queues.delete(roomId)
  }

  return {
    commit(roomId, command) {
      const queue = queues.get(roomId) ?? []
      const isFull = queue.length >= maxWaiting
      if (isFull || hasTooMuch(queue, command, maxWaiting)) {
        count('refused')
        return Promise.reject(unavailable(isFull ? roomIsBusy : userIsBusy))
      }
      const { promise, resolve, reject } = Promise.withResolvers<Committed>()
      queue.push({ command, resolve, reject })
      if (!queues.has(roomId)) {
        queues.set(roomId, queue)
        const writer = write(roomId, queue)
        writers.add(writer)
        void writer.finally(() => writers.delete(writer))
      }
      return promise
    },
    async close() {
      while (writers.size > 0) await Promise.all(writers)
    },
  }
}

const roomIsBusy = 'The room is too busy. Send again.'
const userIsBusy = 'Too much of yours waits for this room. Send again.'

/** How many commands of one user that go alone may wait for a room: each takes as long as a whole batch. */
const mostAlone = 20

/** Whether the user of the command has so much waiting for the room that others would find no place, or wait for long. */
function hasTooMuch(queue: Waiting[], { userId, batchable = false }: Command, maxWaiting: number): boolean {
  const most = batchable ? maxWaiting / 2 : mostAlone
  if (userId === undefined || queue.length < most) return false
  const own = queue.filter(({ command }) => command.userId === userId && (command.batchable ?? false) === batchable)
  return own.length >= most
}

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** Commands that no rule depends on go together; any other goes alone, so that the next one is decided after it. */
function batchLength(queue: Waiting[], most: number): number {
  const first = queue.findIndex(({ command }) => !command.batchable)
  if (first === 0) return 1
  return Math.min(most, first === -1 ? queue.length : first)
}
