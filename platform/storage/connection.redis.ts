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
  /** A refused login, or a database that is not there, is an error of whoever set the URL. */
  requireLogin?: boolean
}

/**
 * Waits up to two seconds for the first connection, and opens without it too: a process starts and serves while Redis is away. With
 * `requireLogin` it throws a `StartError` at once when Redis refuses the login or the database.
 */
export async function openRedis(options: RedisOptions): Promise<RedisConnection> {
  const { connected, refusal, ...redis } = connectRedis(options)
  const refused = options.requireLogin ? [refusal] : []
  const outcome = await within(patience, Promise.race([connected, ...refused]), 'Redis is away').catch(() => undefined)
  // A refused database is told just before the connection is ready, by an error event of its own.
  const problem = outcome ?? (options.requireLogin ? await Promise.race([refusal, undefined]) : undefined)
  if (!problem) return redis
  await redis.close()
  throw new StartError(`Redis (REDIS_URL) ${problem}`)
}

export interface ConnectingRedis extends RedisConnection {
  /** Resolves with the first connection. */
  connected: Promise<void>
  /** Resolves with what Redis refuses, and why: the login, or the database of the URL. */
  refusal: Promise<string>
}

/** The same without waiting. */
export function connectRedis({ url, logger }: RedisOptions): ConnectingRedis {
  const address = parseRedisUrl(url)
  const { client, close } = address.cluster ? connectToCluster(address) : connectToNode(address.nodes[0], address)
  const stopLogging = logLosses(client, logger)
  let waiting = 0
  return {
    connected: ready(client),
    refusal: refusalOf(client, address.database),
    async send(command, ...parameters) {
      if (waiting >= mostWaiting) throw away()
      waiting += 1
      const reply = client.call(command, ...parameters).finally(() => {
        waiting -= 1
      })
      try {
        return await within(patience, reply, 'Redis did not answer in time')
      } catch (error) {
        throw isRefusal(error) ? refused(command, error) : away(error)
      }
    },
    close() {
      stopLogging()
      return close()
    },
  }
}

async function ready(client: Redis | Cluster): Promise<void> {
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve))
  if ('nodes' in client) await Promise.all(client.nodes('master').map(ready))
}

/** UNAVAILABLE, for a reason that is only logged. */
function away(error?: unknown): Error {
  const failure = unavailable('A part of this service cannot be reached right now. Try again soon.')
  return error instanceof Error ? Object.assign(failure, { cause: new Error(reasonOf(error)) }) : failure
}

/** These come to writes alone: memory is full, the server cannot save, or it is a replica. Older servers wrap those of scripts. */
const refusedWrite = /\b(OOM|MISCONF|READONLY|NOREPLICAS)\b[^@]*/

const reasonOf = ({ message }: Error) => {
  const refusal = refusedWrite.exec(message)?.[0]
  return refusal ? `Redis refuses writes (${refusal.replace(/\s*script: .*/s, '').trim()})` : withoutValues(message)
}

/** These are answers to a login, or to the lack of one. */
const loginRefusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH)\b/

/** Answers to the choice of a database. */
const databaseRefusal = /DB index is out of range|SELECT is not allowed|invalid DB index/i

const refusalOf = (client: Redis | Cluster, database: number) =>
  new Promise<string>((resolve) => {
    client.on('error', (error: Error & { lastNodeError?: Error }) => {
      const { message } = error.lastNodeError ?? error
      if (loginRefusal.test(message)) resolve(`refuses the login: ${message}`)
      if (!databaseRefusal.test(message)) return
      resolve(`has no database ${database}: ${message}`)
      // ioredis would go on in database 0.
      client.disconnect(true)
    })
  })

/** These pass by themselves: a server that starts, fails over, or is full. */
const passing = /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF|OOM|BUSY|MOVED|ASK)\b/
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error &&
  error.name === 'ReplyError' &&
  !passing.test(error.message) &&
  !refusedWrite.test(error.message)

/** ioredis's own errors carry the command with all of its values into the log, and so may Redis's messages. */
const refused = (command: string, { message }: Error) =>
  new Error(`Redis refused ${command}: ${withoutValues(message)}`)

const withoutValues = (message: string) => message.replace(/, with args.*/s, '')
