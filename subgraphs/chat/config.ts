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
import { type Environment, readEnv, type Variables } from '../../platform/config/env.ts'
import { integer, serverUrl } from '../../platform/config/variable-kinds.ts'

/** What the chat subgraph has to be told. */
export interface ChatConfig {
  host: string
  port: number
  /** Resuming from further behind than this many events gives a fresh snapshot. */
  maxReplay: number
}

/** What holds unless something else is configured. */
export const chatDefaults = { maxReplay: 10_000 } satisfies Partial<ChatConfig>

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
} satisfies Variables

/** The process: the subgraph, and the servers that it works on. Throws a `ConfigError` with all that is wrong. */
export function readConfig(environment: Environment) {
  const values = readEnv(environment, variables)
  return {
    service: { ...toServer(values), maxReplay: values.MAX_REPLAY } satisfies ChatConfig,
    logLevel: values.LOG_LEVEL,
    mongodb: { url: values.MONGODB_URL, connections: values.MONGODB_CONNECTIONS },
    kafka: toKafka(values),
    identity: toIdentity(values),
  }
}
