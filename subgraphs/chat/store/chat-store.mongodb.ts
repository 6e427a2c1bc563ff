import { setTimeout as pause } from 'node:timers/promises'
import { MongoClient, MongoServerSelectionError } from 'mongodb'
import { StartError } from '../../../platform/config/start-error.ts'
import { createWaitReport, type ReportWait } from '../../../platform/lifecycle/wait-report.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { migrateChat, recordChatSchema, requireChatSchema } from './chat-schema.mongodb.ts'
import type { ChatStore } from './chat-store.ts'
import { abortable } from './mongodb/abortable.mongodb.ts'
import { type Collections, collectionsOf, makeIndexes } from './mongodb/collections.mongodb.ts'
import { inTime, withinDeadline } from './mongodb/deadline.mongodb.ts'
import { isAway, ServerLost } from './mongodb/failures.mongodb.ts'
import { createPeople } from './mongodb/people.mongodb.ts'
import { createRoomLog } from './mongodb/room-log.mongodb.ts'
import { createRoomState } from './mongodb/room-state.mongodb.ts'
import { replaceEndedMonitorSockets } from './monitor-sockets.mongodb.ts'

export interface MongodbChatStoreOptions {
  /** `mongodb://…/<database>` or `mongodb+srv://…/<database>`. */
  url: string
  /** The most that are open at once. */
  connections?: number
  /** How long to wait for a server that is still starting, in milliseconds. */
  patience?: number
  /** How long a call may take, in milliseconds. */
  deadline?: number
  /** Hears what is waited for, and why. */
  logger?: Pick<Logger, 'warn'>
}

/**
 * A `ChatStore` on MongoDB: a replica set, or one server. Makes what is missing in the database. Throws when the URL is none, or when
 * no server answers within the patience.
 */
export async function openMongodbChatStore(options: MongodbChatStoreOptions): Promise<ChatStore> {
  const { url, connections = 20, patience = 30_000, deadline = 5_000, logger } = options
  const client = clientFor({ url, connections, deadline })
  const database = client.db()
  const collections = collectionsOf(database)
  const life = followLives(client)
  replaceEndedMonitorSockets(client)
  /** For what is decided by an answer, and must not reach a server that was restored since. */
  const inOneLife = (signal: AbortSignal) => abortable(collections, AbortSignal.any([signal, life()]))
  const hosts = client.options.hosts.join(', ')
  try {
    await start(client, collections, {
      patience,
      report: createWaitReport(logger, `MongoDB at ${hosts} (MONGODB_URL)`),
    })
  } catch (error) {
    await client.close()
    if (error instanceof StartError) throw error
    const reason = `${reasonOf(error, client.options.replicaSet)}${hintFor(error)}`
    throw new StartError(`The chat store on MongoDB at ${hosts} cannot be opened: ${reason}`)
  }
  return {
    log: withinDeadline(deadline, (signal, isRepeat) =>
      createRoomLog(abortable(collections, signal), { inOneLife: inOneLife(signal), isRepeat }),
    ),
    state: withinDeadline(deadline, (signal) => createRoomState(abortable(collections, signal), inOneLife(signal))),
    people: withinDeadline(deadline, (signal) => createPeople(abortable(collections, signal))),
    ready: () =>
      inTime(1_000, (signal) => database.command({ ping: 1 }, { signal })).then(
        () => true,
        () => false,
      ),
    close: () => client.close(),
  }
}

function clientFor({ url, connections, deadline }: { url: string; connections: number; deadline: number }) {
  // The driver would take a database called "test".
  if (!/^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/.test(url)) throw badUrl('it must be mongodb://<hosts>/<database>')
  try {
    return new MongoClient(url, {
      appName: 'parley-chat',
      // What was acknowledged outlives any one server; what is read was acknowledged, and is read where it was written.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: deadline },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      serverSelectionTimeoutMS: 2_000,
      connectTimeoutMS: 2_000,
      socketTimeoutMS: deadline,
      waitQueueTimeoutMS: 2_000,
      maxPoolSize: connections,
      ignoreUndefined: true,
    })
  } catch {
    // The driver's reason may hold a part of the password.
    throw badUrl('the MongoDB driver does not take it; characters such as @ : / in a password must be percent-encoded')
  }
}

/** Wrong name or password; no right. */
const loginRefusals: unknown[] = [18, 8000, 13]

const hintFor = (error: unknown) =>
  loginRefusals.includes(Object(error).code)
    ? ' (MONGODB_URL has a wrong name or password, or a user without rights)'
    : ''

/** The driver's message, and where it says only that no server was found, what keeps the set that the URL names from being used. */
function reasonOf(error: unknown, replicaSet: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof MongoServerSelectionError) || !replicaSet) return message
  // The driver drops servers that belong to no set, or to another one.
  const isOfAnother = error.reason?.servers.size === 0
  const problem = isOfAnother ? 'is not the set of the servers there' : 'has no primary that can be reached'
  return `the replica set "${replicaSet}" of MONGODB_URL (replicaSet=) ${problem}: ${message}`
}

const badUrl = (reason: string) => new StartError(`The URL of the chat store is not right (MONGODB_URL): ${reason}`)

const writable: string[] = ['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']

/**
 * Gives a signal that aborts as soon as the server that is written to is lost: a connection to it broke, or another became the primary.
 * What comes after may be in an earlier state. The driver tells of each before a command can go to what comes after.
 */
function followLives(client: MongoClient): () => AbortSignal {
  let life = new AbortController()
  const end = () => {
    life.abort(new ServerLost())
    life = new AbortController()
  }
  client.on('connectionPoolCleared', end)
  client.on('connectionClosed', ({ reason }) => void (reason === 'error' && end()))
  client.on('serverDescriptionChanged', ({ previousDescription: before, newDescription: after }) => {
    if (before.type !== after.type && [before.type, after.type].some((type) => writable.includes(type))) end()
  })
  return () => life.signal
}

/** Connects, makes the indexes, and brings documents of earlier releases to this one; while there is no server to do it, tries again. */
async function start(
  client: MongoClient,
  collections: Collections,
  { patience, report }: { patience: number; report: ReportWait },
): Promise<void> {
  for (const last = performance.now() + patience; ; ) {
    try {
      await client.connect()
      await requireChatSchema(client.db())
      await makeIndexes(collections)
      await migrateChat(client.db(), collections)
      return await recordChatSchema(client.db())
    } catch (error) {
      if (!isAway(error) || performance.now() > last) throw error
      report(reasonOf(error, client.options.replicaSet))
    }
    await pause(200 + Math.random() * 300)
  }
}
