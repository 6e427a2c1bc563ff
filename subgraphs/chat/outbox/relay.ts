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
      for (const roomId of new Set(events.map((event) => event.roomId))) await catchUp(store, roomId)
      if (events.length > 0) await publisher.publish(events)
      if (events.length < batch || stopped.signal.aborted) return
    }
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
