import { createMemoryBroadcast } from '../../../platform/events/broadcast.memory.ts'
import type { Broadcast } from '../../../platform/events/broadcast.ts'
import { createLogger } from '../../../platform/logging/logger.ts'

/** A broadcast that can be cut, that tells how many listen, and that counts. */
export function createFaultyBroadcast() {
  const inner = createMemoryBroadcast(createLogger('chat', 'silent'))
  const watchers = new Set<(connected: boolean) => void>()
  const listening = new Map<string, number>()
  let connected = true
  const broadcast: Broadcast = {
    ...inner,
    async publish(channel, payload) {
      if (connected) await inner.publish(channel, payload)
    },
    async subscribe(channel, listener) {
      const unsubscribe = await inner.subscribe(channel, (payload) => {
        if (connected) listener(payload)
      })
      listening.set(channel, (listening.get(channel) ?? 0) + 1)
      let ended = false
      return async () => {
        if (ended) throw new Error(`${channel} was unsubscribed twice`)
        ended = true
        listening.set(channel, (listening.get(channel) ?? 0) - 1)
        await unsubscribe()
      }
    },
    onConnection(listener) {
      watchers.add(listener)
      return () => void watchers.delete(listener)
    },
  }
  const set = (now: boolean) => {
    connected = now
    for (const watcher of watchers) watcher(now)
  }
  return {
    ...broadcast,
    /** Nothing arrives any more; whoever watches the connection is told. */
    disconnect: () => set(false),
    reconnect: () => set(true),
    /** Nothing arrives any more, and nobody is told. */
    loseSilently: () => {
      connected = false
    },
    hearAgain: () => {
      connected = true
    },
    listeners: (channel: string) => listening.get(channel) ?? 0,
    watchers: () => watchers.size,
  }
}
