import {
  authUrls,
  kafkaVariables,
  manyHostsAndDatabase,
  passportVariables,
  redisVariables,
  serverVariables,
  toIdentity,
  toKafka,
  tokenVariables,
  toServer,
} from '../../platform/config/common-variables.ts'
import { type Environment, readEnv, type Values, type Variables } from '../../platform/config/env.ts'
import { integer, serverUrl } from '../../platform/config/variable-kinds.ts'
import type { FeedLimits } from './feeds/feed-limits.ts'
import type { CommitLimits } from './log/room-log.ts'
import type { RelayLimits } from './outbox/relay.ts'

/** What the chat subgraph has to be told. */
export interface ChatConfig {
  host: string
  port: number
  /** Resuming from further behind than this many events gives a fresh snapshot. */
  maxReplay: number
  commits: CommitLimits
  /** How many committed events may wait to be published. */
  maxPublishing: number
  relay: RelayLimits
  /** How many who want to follow a room may wait for their lookup. */
  maxArriving: number
  /** About how many bytes of messages a snapshot may have: the newest that fit, at most 100. */
  snapshotBytes: number
  feeds: FeedLimits
}

/** What holds unless something else is configured. */
export const chatDefaults = {
  maxReplay: 10_000,
  commits: { maxWaiting: 1_000, maxBatch: 200 },
  maxPublishing: 10_000,
  relay: { patience: 2_000, interval: 1_000, batch: 500 },
  maxArriving: 10_000,
  snapshotBytes: 256_000,
  feeds: {
    maxEvents: 512,
    maxBytes: 1_000_000,
    maxTotalBytes: 128_000_000,
    maxAhead: 512,
    patience: 50,
    pageSize: 200,
    maxStepBytes: 32_000,
    maxPageBytes: 16_000_000,
    pageAge: 2_000,
    checkEvery: 700,
    checkEveryDisconnected: 250,
  },
} satisfies Partial<ChatConfig>

const { commits, relay, feeds } = chatDefaults
const longest = 600_000

/** What the process is told, for `--help`. */
export const variables = {
  ...serverVariables(4003),
  MONGODB_URL: serverUrl(
    'MongoDB, with the database',
    manyHostsAndDatabase('mongodb|mongodb\\+srv'),
    'mongodb://mongodb:27017/parley?replicaSet=rs0',
  ),
  MONGODB_CONNECTIONS: integer('connections that may be open at a time', 20, 1, 1_000),
  ...redisVariables,
  ...kafkaVariables,
  ...authUrls,
  ...passportVariables,
  ...tokenVariables,
  MAX_REPLAY: integer(
    'events that a cursor may lie behind; from further back there is a snapshot',
    chatDefaults.maxReplay,
    1,
  ),
  COMMIT_QUEUE: integer(
    'sends and other changes that may wait for one room; half of them of one user',
    commits.maxWaiting,
    1,
  ),
  COMMIT_BATCH: integer('of these, how many go into the log at once', commits.maxBatch, 1, 10_000),
  PUBLISH_QUEUE: integer(
    'committed events that may wait for Kafka; the relay brings the others',
    chatDefaults.maxPublishing,
  ),
  RELAY_PATIENCE: integer(
    'milliseconds after which the relay takes an unpublished event',
    relay.patience,
    100,
    longest,
  ),
  RELAY_INTERVAL: integer('milliseconds from one look of the relay to the next', relay.interval, 10, longest),
  RELAY_BATCH: integer('events that the relay takes at a time', relay.batch, 1, 10_000),
  ARRIVAL_QUEUE: integer('who may wait to be let into one room at a time', chatDefaults.maxArriving, 1, 100_000),
  SNAPSHOT_BYTES: integer(
    'about the bytes of messages in a snapshot: the newest that fit, at most 100, at least one',
    chatDefaults.snapshotBytes,
    1_000,
  ),
  RING_EVENTS: integer('newest events of a room with listeners that are kept in memory', feeds.maxEvents, 1),
  RING_BYTES: integer('about the bytes that these may take', feeds.maxBytes, 1_000),
  RING_TOTAL_BYTES: integer('about the bytes that they may take in all rooms together', feeds.maxTotalBytes, 1_000),
  AHEAD_EVENTS: integer('events of a room that may wait for those before them', feeds.maxAhead, 0),
  HOLE_PATIENCE: integer('milliseconds until the missing ones are read from the log', feeds.patience, 1, 10_000),
  LOG_PAGE: integer('events of one read of the log', feeds.pageSize, 1, 10_000),
  REPLAY_STEP_BYTES: integer(
    'about the bytes of events that one listener is given at a time; at least one event',
    feeds.maxStepBytes,
    1_000,
  ),
  LOG_PAGE_BYTES: integer(
    'about the bytes of such pages that are kept for whoever asks next',
    feeds.maxPageBytes,
    1_000,
  ),
  LOG_PAGE_AGE: integer('milliseconds that they are kept', feeds.pageAge, 1, longest),
  HEADS_INTERVAL: integer(
    'milliseconds from one check for lost events to the next, in all rooms with listeners',
    feeds.checkEvery,
    10,
    longest,
  ),
  HEADS_INTERVAL_DISCONNECTED: integer('the same while Redis is away', feeds.checkEveryDisconnected, 10, longest),
} satisfies Variables

/** The process: the subgraph, and the servers that it works on. Throws a `ConfigError` with all that is wrong. */
export function readConfig(environment: Environment) {
  const values = readEnv(environment, variables)
  return {
    service: { ...toServer(values), ...toLimits(values) } satisfies ChatConfig,
    logLevel: values.LOG_LEVEL,
    mongodb: { url: values.MONGODB_URL, connections: values.MONGODB_CONNECTIONS },
    kafka: toKafka(values),
    identity: toIdentity(values),
  }
}

const toLimits = (values: Values<typeof variables>): Omit<ChatConfig, 'host' | 'port'> => ({
  maxReplay: values.MAX_REPLAY,
  commits: { maxWaiting: values.COMMIT_QUEUE, maxBatch: values.COMMIT_BATCH },
  maxPublishing: values.PUBLISH_QUEUE,
  relay: { patience: values.RELAY_PATIENCE, interval: values.RELAY_INTERVAL, batch: values.RELAY_BATCH },
  maxArriving: values.ARRIVAL_QUEUE,
  snapshotBytes: values.SNAPSHOT_BYTES,
  feeds: {
    maxEvents: values.RING_EVENTS,
    maxBytes: values.RING_BYTES,
    maxTotalBytes: values.RING_TOTAL_BYTES,
    maxAhead: values.AHEAD_EVENTS,
    patience: values.HOLE_PATIENCE,
    pageSize: values.LOG_PAGE,
    maxStepBytes: values.REPLAY_STEP_BYTES,
    maxPageBytes: values.LOG_PAGE_BYTES,
    pageAge: values.LOG_PAGE_AGE,
    checkEvery: values.HEADS_INTERVAL,
    checkEveryDisconnected: values.HEADS_INTERVAL_DISCONNECTED,
  },
})
