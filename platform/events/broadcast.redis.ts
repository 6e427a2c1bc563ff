import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import { connectRedis } from '../storage/connection.redis.ts'
import { parseRedisUrl } from '../storage/redis/address.redis.ts'
import { patience } from '../storage/redis/client.redis.ts'
import { openClusterSubscriber } from '../storage/redis/cluster-subscriber.redis.ts'
import { openNodeSubscriber } from '../storage/redis/node-subscriber.redis.ts'
import type { Broadcast } from './broadcast.ts'
import { createChannelListeners } from './broadcast-listeners.redis.ts'

export interface RedisBroadcastOptions {
  /** As `parseRedisUrl` reads it. */
  url: string
  /** What the names of all channels begin with. */
  prefix: string
  logger: Logger
}

/**
 * A `Broadcast` by Redis's publish/subscribe; on a cluster by its sharded kind, since the other sends every payload to every node.
 * Waits up to two seconds for the first connections, and opens without them too.
 */
export async function openRedisBroadcast({ url, prefix, logger }: RedisBroadcastOptions): Promise<Broadcast> {
  const address = parseRedisUrl(url)
  const redis = connectRedis({ url, logger })
  const watchers = createWatchers(logger)
  const events = {
    onPayload: (channel: string, payload: string) => listeners.deliver(channel, payload),
    onChange: () => watchers.set(subscriber.whole()),
  }
  const subscriber = address.cluster
    ? openClusterSubscriber(redis, address, events)
    : openNodeSubscriber(address.nodes[0], address, events)
  const listeners = createChannelListeners({ open: subscriber.add, close: subscriber.remove, logger })
  await within(patience, Promise.all([redis.connected, watchers.connected]), 'Redis is away').catch(() => {})
  const publish = address.cluster ? 'SPUBLISH' : 'PUBLISH'
  return {
    async publish(channel, payload) {
      await redis.send(publish, prefix + channel, payload)
    },
    async subscribe(channel, listener) {
      const leave = await listeners.join(prefix + channel, listener)
      return async () => leave()
    },
    onConnection: watchers.watch,
    async close() {
      watchers.close()
      subscriber.close()
      await redis.close()
    },
  }
}

type Watcher = (connected: boolean) => void

/** Who wants to know whether payloads arrive; at first they do not. */
function createWatchers(logger: Logger) {
  const watchers = new Set<Watcher>()
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  let known = false
  let lost = false
  let closed = false
  const tell = (watcher: Watcher) => {
    try {
      if (watchers.has(watcher)) watcher(known)
    } catch (error) {
      logger.error({ err: error }, 'a listener to the connection threw')
    }
  }
  return {
    connected,
    set(now: boolean) {
      if (now === known || closed) return
      known = now
      if (now) resolve()
      if (!now) logger.warn('broadcasts may be missed: Redis is away')
      else if (lost) logger.info('every broadcast is heard again')
      lost = !now
      for (const watcher of [...watchers]) tell(watcher)
    },
    watch(listener: Watcher) {
      const own = (now: boolean) => listener(now)
      watchers.add(own)
      setImmediate(() => known || tell(own))
      return () => void watchers.delete(own)
    },
    close() {
      closed = true
      watchers.clear()
    },
  }
}
