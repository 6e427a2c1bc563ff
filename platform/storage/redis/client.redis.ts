import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Closable } from '../../lifecycle/resources.ts'
import type { RedisAddress, RedisNode } from './address.redis.ts'

/** How long anything may take, in milliseconds: to connect, to answer. */
export const patience = 2_000
const pingEvery = 2_000
const learnEvery = 5_000

export interface RedisClient<Client extends Redis | Cluster = Redis | Cluster> extends Closable {
  client: Client
}

/**
 * A connection to one server. It comes back by itself until it is closed. A command fails at once while it is away, and is never
 * sent twice. An idle connection is pinged, and one that does not answer is replaced.
 */
export function connectToNode({ host, port }: RedisNode, address: RedisAddress): RedisClient<Redis> {
  const client = new Redis({
    ...optionsFor(address),
    host,
    port,
    db: address.database,
    enableOfflineQueue: false,
    retryStrategy: reconnectDelay,
  })
  const stopPinging = keepPinging(() => [client])
  return {
    client,
    close() {
      stopPinging()
      client.disconnect()
    },
  }
}

/** The same for all nodes of a cluster: the connections are ioredis's to open and to give up, as it learns of nodes. */
export function connectToCluster(address: RedisAddress): RedisClient<Cluster> {
  const client = new Cluster(address.nodes, {
    redisOptions: optionsFor(address),
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelay,
    // Both would send a command again that a node may have carried out already, or wait for one that is down.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Names are resolved at each connection: certificates are made out to names, and addresses change.
    dnsLookup: (name, callback) => callback(null, name),
  })
  // Else a node would be connected by its first command, and would fail the ones that come before it has answered.
  client.on('+node', (node: Redis) => void node.connect().catch(() => {}))
  // ioredis's own interval goes on after a disconnect that comes in the middle of a refresh.
  const learning = setInterval(() => client.status === 'ready' && client.refreshSlotsCache(), learnEvery)
  const stopPinging = keepPinging(() => client.nodes())
  return {
    client,
    close() {
      clearInterval(learning)
      stopPinging()
      client.disconnect()
    },
  }
}

const optionsFor = ({ username, password, tls }: RedisAddress): RedisOptions => ({
  username,
  password,
  tls: tls ? {} : undefined,
  connectTimeout: patience,
  // ioredis's own timers take a reply for late that waits in the socket while this process is held up: callers' deadlines come first.
  commandTimeout: 2 * patience,
  // What is connected and does not answer is replaced.
  socketTimeout: 2 * patience,
  disconnectTimeout: 500,
  keepAlive: 10_000,
  maxLoadingRetryTime: 500,
  // What was not answered when a connection broke fails at once: it may have been carried out.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  reconnectOnError: reconnectsOnDemotion(),
})

/** A primary that was demoted: its name may lead to another server by now. One that stays a replica is not connected at each write. */
function reconnectsOnDemotion(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return ({ message }) => {
    if (!message.startsWith('READONLY') || performance.now() - last < 10_000) return false
    last = performance.now()
    return true
  }
}

/** Milliseconds before an attempt (the first is 1): 50, then up to 1,000, give or take a half, so that processes don't return in step. */
export const reconnectDelay = (attempt: number) => Math.min(25 * 2 ** attempt, 1_000) * (0.5 + Math.random())

/** Pings the connections, so that an idle one is missed that broke without a word. Gives what ends that. */
function keepPinging(connections: () => Redis[]): () => void {
  const timer = setInterval(() => {
    for (const each of connections()) if (each.status === 'ready') each.ping().catch(() => {})
  }, pingEvery)
  return () => clearInterval(timer)
}
