import type { Cluster, Redis } from 'ioredis'
import { StartError } from '../config/start-error.ts'
import { unavailable } from '../errors/app-error.ts'
import type { Closable } from '../lifecycle/resources.ts'
import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import { parseRedisUrl } from './redis/address.redis.ts'
import { connectToCluster, connectToNode, patience } from './redis/client.redis.ts'
import { logLosses } from './redis/losses.redis.ts'

const mostWaiting = 10_000

/** Sends commands to Redis. Whoever opened it closes it; adapters only use it. */
export interface RedisConnection extends Closable {
  /**
   * The reply to a command. Commands leave in the order of the calls, and none is sent twice. Throws `UNAVAILABLE` at once while
   * there is no connection or ten thousand calls wait, and after two seconds without a reply: then the command may have been
   * carried out.
   */
  send(command: string, ...parameters: (string | number)[]): Promise<unknown>
}

export interface RedisOptions {
  /** As `parseRedisUrl` reads it. */
  url: string
  logger: Logger
  /** A refused login is an error of whoever set the URL. */
  requireLogin?: boolean
}

/**
 * Waits up to two seconds for the first connection, and opens without it too: a process starts and serves while Redis is away. With
 * `requireLogin` it throws a `StartError` at once when Redis refuses the login.
 */
export async function openRedis(options: RedisOptions): Promise<RedisConnection> {
  const { connected, loginRefused, ...redis } = connectRedis(options)
  const refused = options.requireLogin ? [loginRefused.then((reason) => ({ reason }))] : []
  const outcome = await within(patience, Promise.race([connected, ...refused]), 'Redis is away').catch(() => undefined)
  if (!outcome) return redis
  await redis.close()
  throw new StartError(`Redis (REDIS_URL) refuses the login: ${outcome.reason}`)
}

export interface ConnectingRedis extends RedisConnection {
  /** Resolves with the first connection. */
  connected: Promise<void>
  /** Resolves with Redis's reason when it refuses the login. */
  loginRefused: Promise<string>
}

/** The same without waiting. */
export function connectRedis({ url, logger }: RedisOptions): ConnectingRedis {
  const address = parseRedisUrl(url)
  const { client, close } = address.cluster ? connectToCluster(address) : connectToNode(address.nodes[0], address)
  const stopLogging = logLosses(client, logger)
  let waiting = 0
  return {
    connected: ready(client),
    loginRefused: refusalOf(client),
    async send(command, ...parameters) {
      if (waiting >= mostWaiting) throw away()
      waiting += 1
      try {
        return await client.call(command, ...parameters)
      } catch (error) {
        throw isRefusal(error) ? refused(command, error) : away()
      } finally {
        waiting -= 1
      }
    },
    close() {
      stopLogging()
      return close()
    },
  }
}

/** Whether the server that has this prefix's keys answers. Of a cluster it is always the same one. Throws as `send` does. */
export async function redisAnswers(redis: Pick<RedisConnection, 'send'>, prefix: string): Promise<boolean> {
  await redis.send('EXISTS', `${prefix}readiness`)
  return true
}

async function ready(client: Redis | Cluster): Promise<void> {
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve))
  if ('nodes' in client) await Promise.all(client.nodes('master').map(ready))
}

const away = () => unavailable('A part of this service cannot be reached right now. Try again soon.')

/** These are answers to a login, or to the lack of one. */
const loginRefusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH)\b/

const refusalOf = (client: Redis | Cluster) =>
  new Promise<string>((resolve) => {
    client.on('error', (error: Error & { lastNodeError?: Error }) => {
      const { message } = error.lastNodeError ?? error
      if (loginRefusal.test(message)) resolve(message)
    })
  })

/** These pass by themselves: a server that starts, fails over, or is full. */
const passing = /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF|OOM|BUSY|MOVED|ASK)\b/
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError' && !passing.test(error.message)

/** ioredis's own errors carry the command with all of its values into the log, and so may Redis's messages. */
const refused = (command: string, { message }: Error) =>
  new Error(`Redis refused ${command}: ${message.replace(/, with args.*/s, '')}`)
