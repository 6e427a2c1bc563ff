import { setTimeout as pause } from 'node:timers/promises'
import type { Closable } from '../../../platform/lifecycle/resources.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { catchUp } from '../log/catch-up.ts'
import type { ChatStore } from '../store/chat-store.ts'
import type { Publisher } from './publisher.ts'

export interface RelayOptions {
  store: ChatStore
  publisher: Publisher
  logger: Logger
  /** How long an event may be unpublished before the relay takes it, in milliseconds. */
  patience?: number
  /** How long the relay rests, in milliseconds. */
  interval?: number
}

const batch = 500

/** Finishes what a crash or a lost connection left half done: events that were committed but not projected or published. */
export function startRelay({ store, publisher, logger, patience = 2_000, interval = 1_000 }: RelayOptions): Closable {
  const stopped = new AbortController()

  const relayOnce = async () => {
    for (;;) {
      const events = await store.log.unpublished(Date.now() - patience, batch)
      const finished = await projected(new Set(events.map(({ roomId }) => roomId)))
      const ready = events.filter(({ roomId }) => finished.has(roomId))
      if (ready.length > 0) await publisher.publish(ready)
      if (events.length < batch || ready.length === 0 || stopped.signal.aborted) return
    }
  }
  /** Brings the rooms' state up to their logs. One that cannot be is left for later, so that the others need not wait for it. */
  const projected = async (roomIds: Set<string>) => {
    const finished = new Set<string>()
    for (const roomId of roomIds) {
      await catchUp(store, roomId).then(
        () => finished.add(roomId),
        (error) => logger.warn({ err: error, roomId }, 'a room could not be projected; the relay tries again'),
      )
    }
    return finished
  }
  const loop = async () => {
    while (!stopped.signal.aborted) {
      await relayOnce().catch((error) => logger.warn({ err: error }, 'the relay could not finish; it tries again'))
      await pause(interval * (0.75 + Math.random() / 2), undefined, { signal: stopped.signal }).catch(() => {})
    }
  }
  const running = loop()
  return {
    async close() {
      stopped.abort()
      await running
    },
  }
}
