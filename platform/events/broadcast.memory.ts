import type { Logger } from '../logging/logger.ts'
import type { Broadcast } from './broadcast.ts'

/** A `Broadcast` within this process. Payloads are delivered in a later turn of the event loop, as over a network. */
export function createMemoryBroadcast(logger: Logger): Broadcast {
  const channels = new Map<string, Set<(payload: string) => void>>()
  const deliver = (channel: string, payload: string, listeners: ((payload: string) => void)[]) => {
    for (const listener of listeners) {
      try {
        if (channels.get(channel)?.has(listener)) listener(payload)
      } catch (error) {
        logger.error({ err: error, channel }, 'a broadcast listener threw')
      }
    }
  }
  return {
    async publish(channel, payload) {
      // Whoever joins between now and then has not been listening.
      setImmediate(deliver, channel, payload, [...(channels.get(channel) ?? [])])
    },
    async subscribe(channel, listener) {
      // A wrapper of its own, so that the same function can listen twice.
      const own = (payload: string) => listener(payload)
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(own))
      return async () => {
        listeners.delete(own)
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
      }
    },
    onConnection: () => () => {},
    async close() {
      channels.clear()
    },
  }
}
