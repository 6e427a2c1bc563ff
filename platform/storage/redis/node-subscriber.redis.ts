import type { Redis } from 'ioredis'
import { within } from '../../lifecycle/within.ts'
import type { RedisAddress, RedisNode } from './address.redis.ts'
import { connectToNode, patience } from './client.redis.ts'

/** Keeps channels subscribed on Redis for as long as they are wanted. */
export interface Subscriber {
  /** Resolves once the server has confirmed, or sees that it is away: then the channel is subscribed upon its return. */
  add(channel: string): Promise<void>
  remove(channel: string): void
  /** Whether every channel is subscribed right now. */
  whole(): boolean
  close(): void
}

export interface SubscriberEvents {
  onPayload(channel: string, payload: string): void
  /** Called when `whole` may have changed. */
  onChange(): void
}

const kinds = {
  classic: {
    message: 'message',
    subscribe: (client: Redis, channels: string[]) => client.subscribe(...channels),
    unsubscribe: (client: Redis, channel: string) => client.unsubscribe(channel),
  },
  sharded: {
    message: 'smessage',
    // One command takes several channels only if they share a slot.
    subscribe: (client: Redis, channels: string[]) =>
      Promise.all(channels.map((channel) => client.ssubscribe(channel))),
    unsubscribe: (client: Redis, channel: string) => client.sunsubscribe(channel),
  },
}

/** As many as are confirmed well within the time that one answer may take. */
const batch = 1_000

/** Subscribes on one server, by a connection of its own. What is sharded is heard on the node of a cluster that has its slot. */
export function openNodeSubscriber(
  node: RedisNode,
  address: RedisAddress,
  { onPayload, onChange }: SubscriberEvents,
  kind: keyof typeof kinds = 'classic',
): Subscriber {
  const { message, subscribe, unsubscribe } = kinds[kind]
  const { client, close } = connectToNode(node, address)
  const channels = new Set<string>()
  let whole = false
  /** Counts up when what is under way no longer tells anything about this connection. */
  let epoch = 0
  let replacing: NodeJS.Timeout | undefined
  let closed = false

  const change = (now: boolean) => {
    epoch += 1
    if (whole === now || closed) return
    whole = now
    onChange()
  }
  /** Something is not subscribed that should be: starts over on a new connection, soon but not in a tight circle. */
  const startOver = () => {
    if (closed) return
    change(false)
    replacing ??= setTimeout(() => client.disconnect(true), 250 + Math.random() * 500)
  }
  const subscribeAll = async () => {
    change(false)
    const mine = epoch
    const missing = [...channels]
    try {
      while (missing.length > 0 && mine === epoch) {
        // Whoever left a channel before its turn has unsubscribed already.
        const next = missing.splice(0, batch).filter((channel) => channels.has(channel))
        if (next.length > 0) await subscribe(client, next)
      }
      if (mine === epoch) change(true)
    } catch {
      if (mine === epoch) startOver()
    }
  }
  client.on('ready', subscribeAll)
  client.on('close', () => {
    clearTimeout(replacing)
    replacing = undefined
    change(false)
  })
  // A slot has moved away, and with it some channel.
  client.on('moved', startOver)
  client.on(message, onPayload)
  client.on('error', () => {})

  return {
    async add(channel) {
      channels.add(channel)
      if (client.status !== 'ready') return
      await within(patience, subscribe(client, [channel]), 'Redis did not confirm in time').catch(startOver)
    },
    remove(channel) {
      channels.delete(channel)
      if (client.status === 'ready') unsubscribe(client, channel).catch(() => {})
    },
    whole: () => whole,
    close() {
      closed = true
      clearTimeout(replacing)
      client.off(message, onPayload)
      close()
    },
  }
}
