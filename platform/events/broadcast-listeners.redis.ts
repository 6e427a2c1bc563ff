import type { Logger } from '../logging/logger.ts'

type Listener = (payload: string) => void

/** Who listens to which channel on this process, whatever brings the payloads. */
export interface ChannelListeners {
  /** Adds a listener; resolves once its channel is open. Gives what removes it: from then on it hears nothing. */
  join(channel: string, listener: Listener): Promise<() => void>
  deliver(channel: string, payload: string): void
}

export interface ChannelListenersOptions {
  /** Called for the first listener of a channel; the others wait for the same promise. It must not reject. */
  open(channel: string): Promise<void>
  /** Called when a channel's last listener has left. */
  close(channel: string): void
  logger: Logger
}

export function createChannelListeners({ open, close, logger }: ChannelListenersOptions): ChannelListeners {
  const channels = new Map<string, { listeners: Set<Listener>; opened: Promise<void> }>()
  const enter = (channel: string) => {
    const entry = { listeners: new Set<Listener>(), opened: open(channel) }
    channels.set(channel, entry)
    return entry
  }
  return {
    async join(channel, listener) {
      // A wrapper of its own, so that the same function can listen twice.
      const own = (payload: string) => listener(payload)
      const entry = channels.get(channel) ?? enter(channel)
      entry.listeners.add(own)
      await entry.opened
      return () => {
        if (!entry.listeners.delete(own) || entry.listeners.size > 0) return
        channels.delete(channel)
        close(channel)
      }
    },
    deliver(channel, payload) {
      const listeners = channels.get(channel)?.listeners
      // A copy: who joins now has not been listening.
      for (const listener of [...(listeners ?? [])]) {
        try {
          if (listeners?.has(listener)) listener(payload)
        } catch (error) {
          logger.error({ err: error, channel }, 'a broadcast listener threw')
        }
      }
    },
  }
}
