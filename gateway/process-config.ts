import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  authUrls,
  passportVariables,
  redisVariables,
  serverVariables,
  toIdentity,
  tokenVariables,
  toServer,
} from '../platform/config/common-variables.ts'
import { ConfigError, type Environment, readEnv, type Variables } from '../platform/config/env.ts'
import { boolean, integer, list, origins, proxies, serviceUrlsByName, text } from '../platform/config/variable-kinds.ts'
import { exclusiveMutations } from '../schema/exclusive-mutations.ts'
import {
  defaultConnectionLimits,
  defaultLimits,
  defaultPointsPerMinute,
  defaultSocketLimits,
  type GatewayConfig,
} from './config.ts'
import { defaultSharing } from './subscriptions/sharing/shared-streams.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const limits = defaultLimits
const points = defaultPointsPerMinute
const connections = defaultConnectionLimits
const sockets = defaultSocketLimits
const sharing = defaultSharing

/** What the process is told, for `--help`. The defaults fit the supergraph of this repository; the code knows none. */
export const variables = {
  ...serverVariables(4000),
  METRICS_PORT: integer('port of metrics and health for operators; -1: none', -1, -1, 65_535),
  SUPERGRAPH: text('file of the composed supergraph; a change of it is served at once', 'schema/supergraph.graphql'),
  SUBGRAPHS: serviceUrlsByName(
    'where each subgraph is; a name that comes again is another replica',
    'auth=http://127.0.0.1:4001,profile=http://127.0.0.1:4002,chat=http://127.0.0.1:4003',
  ),
  COOKIE_SUBGRAPHS: list('subgraphs that set and read cookies', 'auth'),
  COOKIE_NAMES: list('the cookies that those set and read; no others are passed on', 'parley_refresh'),
  EXCLUSIVE_MUTATIONS: list(
    'root mutation fields of which an operation holds at most one',
    exclusiveMutations.join(','),
  ),
  ...redisVariables,
  ...authUrls,
  ...passportVariables,
  ...tokenVariables,
  ALLOWED_ORIGINS: origins(
    'origins of web pages that may call it besides its own; DEVELOPMENT allows those at loopback addresses',
  ),
  TRUSTED_PROXIES: proxies('proxies whose X-Forwarded-For, -Proto and -Host are believed'),
  DEVELOPMENT: {
    ...boolean('introspection, Apollo Sandbox and the offline IDE', false),
    developmentFallback: 'true',
  },
  WEB_ROOT: { ...text('folder of the built web client; without it none is served', ''), fallback: undefined },
  OPERATION_TIMEOUT: integer('milliseconds that an operation may wait and run', 10_000, 100, 600_000),
  POINTS_PER_MINUTE: integer(
    'points that the operations of a user may cost in a minute, or of an address that is not signed in',
    points.ofUser,
    1,
  ),
  ADDRESS_POINTS_PER_MINUTE: integer(
    'points that the operations of all users behind one address may cost in a minute',
    points.ofAddress,
    1,
  ),
  MAX_TOKENS: integer('tokens of an operation', limits.maxTokens, 1),
  MAX_DEPTH: integer('levels of an operation', limits.maxDepth, 1),
  MAX_FIELDS: integer('fields of an operation', limits.maxFields, 1),
  MAX_ALIASES: integer('aliases of an operation', limits.maxAliases, 0),
  MAX_IGNORED_CHARACTERS: integer(
    'characters of white space and comments of an operation',
    limits.maxIgnoredCharacters,
    0,
  ),
  MAX_COST: integer('points that an operation may cost', limits.maxCost, 1),
  MAX_RESPONSE_BYTES: integer('bytes of the response of an operation', limits.maxResponseBytes, 1_000),
  ASSUMED_LIST_SIZE: integer('items that a list without @listSize is taken to have', limits.assumedListSize, 0),
  MAX_VARIABLE_DEPTH: integer('levels of the variables of an operation', limits.maxVariableDepth, 1),
  MAX_PAGE_SIZE: integer('nodes that the subgraphs give in a page at most', limits.maxPageSize, 1),
  CONNECTIONS_PER_ADDRESS: integer(
    'HTTP connections of an address, idle and half-open ones too (an IPv6 /64 is one address)',
    connections.perAddress,
    1,
  ),
  CONNECTIONS: integer('HTTP connections, idle and half-open ones too', connections.total, 1),
  HEADERS_TIMEOUT: integer(
    'milliseconds that the headers of a request may take to come',
    connections.headersTimeout,
    100,
    60_000,
  ),
  SOCKETS_PER_ADDRESS: integer('WebSockets of an address on this gateway', sockets.socketsPerAddress, 1),
  PENDING_SOCKETS_PER_ADDRESS: integer(
    'WebSockets of an address that nobody has signed in on yet',
    sockets.pendingSockets.perAddress,
    1,
  ),
  PENDING_SOCKETS: integer('WebSockets that nobody has signed in on yet', sockets.pendingSockets.total, 1),
  SOCKETS_PER_USER: integer('WebSockets of a user on this gateway', sockets.socketsPerUser, 1),
  SUBSCRIPTIONS_PER_SOCKET: integer('operations at a time on a WebSocket', sockets.subscriptionsPerSocket, 1),
  FRAMES_PER_SECOND: integer('frames that a WebSocket may send in a second', sockets.framesPerSecond, 1),
  FRAME_BURST: integer('frames that it may send at once', sockets.frameBurst, 1),
  FRAME_BYTES_PER_SECOND: integer(
    'bytes of frames that a WebSocket may send in a second, four times as many at once',
    sockets.frameBytesPerSecond,
    1_000,
  ),
  MAX_FRAME_BYTES: integer('bytes of a frame', sockets.maxFrameBytes, 1_000),
  MAX_BACKLOG_BYTES: integer('bytes that may wait for a slow reader', sockets.maxBacklogBytes, 10_000),
  MAX_TOTAL_BACKLOG_BYTES: integer(
    'bytes that may wait for all slow readers together',
    sockets.maxTotalBacklogBytes,
    1_000_000,
  ),
  MAX_EVENT_BYTES: integer(
    'bytes of the replies of subgraphs that complete one event of a subscription',
    sockets.maxEventBytes,
    1_000,
  ),
  STREAMS_PER_USER: integer('subscriptions of a user that differ; equal ones are one', sockets.streams.perUser, 1),
  STREAMS_PER_ADDRESS: integer('subscriptions of an address that differ', sockets.streams.perAddress, 1),
  STREAM_VARIANTS_PER_USER: integer(
    'subscriptions of a user that follow the same and select differently',
    sockets.streams.variantsPerUser,
    1,
  ),
  STREAM_VARIANTS_PER_ADDRESS: integer(
    'subscriptions of an address that follow the same and select differently',
    sockets.streams.variantsPerAddress,
    1,
  ),
  UNSHARED_STREAMS_PER_USER: integer(
    'subscriptions of a user that follow the same and cannot be shared',
    sockets.streams.unsharedPerUser,
    1,
  ),
  OPENINGS_PER_SOCKET: integer(
    'subscriptions of a WebSocket that may be opening, or wait for room for their first event',
    sockets.openings.perSocket,
    1,
  ),
  OPENINGS_PER_USER: integer('subscriptions of a user that may be opening at a time', sockets.openings.perUser, 1),
  OPENINGS_PER_ADDRESS: integer(
    'subscriptions of an address that may be opening at a time',
    sockets.openings.perAddress,
    1,
  ),
  OPENINGS: integer('subscriptions that may be opening at a time', sockets.openings.total, 1),
  REPLAYS_PER_USER: integer('subscriptions of a user that may be catching up at a time', sockets.replays.perUser, 1),
  REPLAYS: integer('subscriptions that may be catching up at a time', sockets.replays.total, 1),
  REST_TIMEOUT: integer(
    'milliseconds after which an event asks a silent subgraph again; after twice that it goes out without its fields',
    sockets.restTimeout,
    10,
    60_000,
  ),
  HEARTBEAT: integer('milliseconds between pings to a client', sockets.heartbeat, 100, 600_000),
  UPSTREAM_HEARTBEAT: integer(
    'milliseconds that a subgraph may go without a sign of life: over a WebSocket, while one opens, and over HTTP until it is probed',
    sockets.upstreamHeartbeat,
    100,
    600_000,
  ),
  SESSION_CHECK: integer(
    'milliseconds between checks of all sessions: an announcement that one ended can be lost',
    sockets.sessionCheck,
    50,
    60_000,
  ),
  CLOSE_GRACE: integer(
    'milliseconds over which a gateway that stops spreads the closing of its sockets',
    sockets.closeGrace,
    0,
    600_000,
  ),
  CLOSE_TIMEOUT: integer(
    'milliseconds that a socket which was closed may take to answer',
    sockets.closeTimeout,
    10,
    60_000,
  ),
  SHARED_FRAMES: integer('events that a shared stream keeps for clients that read slower', sharing.ring.maxFrames, 16),
  SHARED_BYTES: integer('bytes of such events', sharing.ring.maxBytes, 10_000),
  SHARED_TOTAL_BYTES: integer('bytes of such events of all shared streams together', sharing.maxTotalBytes, 100_000),
  SHARED_PATIENCE: integer(
    'milliseconds that a shared stream tries to get its upstream back before its clients go on by themselves',
    sharing.patience,
    0,
    600_000,
  ),
} satisfies Variables

/** The process: the gateway, and the servers that it works on. Throws a `ConfigError` with all that is wrong. */
export function readProcessConfig(environment: Environment) {
  const values = readEnv(environment, variables)
  const subgraphs = Object.entries(values.SUBGRAPHS).map(
    ([name, urls]) =>
      [name, { urls, cookies: values.COOKIE_SUBGRAPHS.includes(name) ? values.COOKIE_NAMES : [] }] as const,
  )
  const supergraphFile = resolve(root, values.SUPERGRAPH)
  const service: GatewayConfig = {
    ...toServer(values),
    supergraphSdl: readSupergraph(supergraphFile),
    subgraphs: Object.fromEntries(subgraphs),
    development: values.DEVELOPMENT,
    allowedOrigins: values.ALLOWED_ORIGINS,
    trustedProxies: values.TRUSTED_PROXIES,
    webRoot: values.WEB_ROOT ? requireFolder('WEB_ROOT', resolve(root, values.WEB_ROOT)) : undefined,
    operationTimeout: values.OPERATION_TIMEOUT,
    pointsPerMinute: { ofUser: values.POINTS_PER_MINUTE, ofAddress: values.ADDRESS_POINTS_PER_MINUTE },
    limits: {
      maxTokens: values.MAX_TOKENS,
      maxDepth: values.MAX_DEPTH,
      maxFields: values.MAX_FIELDS,
      maxAliases: values.MAX_ALIASES,
      maxVariableDepth: values.MAX_VARIABLE_DEPTH,
      maxIgnoredCharacters: values.MAX_IGNORED_CHARACTERS,
      maxCost: values.MAX_COST,
      maxResponseBytes: values.MAX_RESPONSE_BYTES,
      assumedListSize: values.ASSUMED_LIST_SIZE,
      maxPageSize: values.MAX_PAGE_SIZE,
      exclusiveMutations: values.EXCLUSIVE_MUTATIONS,
    },
    connections: {
      perAddress: values.CONNECTIONS_PER_ADDRESS,
      total: values.CONNECTIONS,
      headersTimeout: values.HEADERS_TIMEOUT,
    },
    sockets: {
      maxFrameBytes: values.MAX_FRAME_BYTES,
      socketsPerUser: values.SOCKETS_PER_USER,
      socketsPerAddress: values.SOCKETS_PER_ADDRESS,
      pendingSockets: { perAddress: values.PENDING_SOCKETS_PER_ADDRESS, total: values.PENDING_SOCKETS },
      subscriptionsPerSocket: values.SUBSCRIPTIONS_PER_SOCKET,
      framesPerSecond: values.FRAMES_PER_SECOND,
      frameBurst: values.FRAME_BURST,
      frameBytesPerSecond: values.FRAME_BYTES_PER_SECOND,
      maxBacklogBytes: values.MAX_BACKLOG_BYTES,
      maxTotalBacklogBytes: values.MAX_TOTAL_BACKLOG_BYTES,
      maxEventBytes: values.MAX_EVENT_BYTES,
      streams: {
        perUser: values.STREAMS_PER_USER,
        perAddress: values.STREAMS_PER_ADDRESS,
        variantsPerUser: values.STREAM_VARIANTS_PER_USER,
        variantsPerAddress: values.STREAM_VARIANTS_PER_ADDRESS,
        unsharedPerUser: values.UNSHARED_STREAMS_PER_USER,
      },
      openings: {
        perSocket: values.OPENINGS_PER_SOCKET,
        perUser: values.OPENINGS_PER_USER,
        perAddress: values.OPENINGS_PER_ADDRESS,
        total: values.OPENINGS,
      },
      replays: { perUser: values.REPLAYS_PER_USER, total: values.REPLAYS },
      restTimeout: values.REST_TIMEOUT,
      heartbeat: values.HEARTBEAT,
      upstreamHeartbeat: values.UPSTREAM_HEARTBEAT,
      sessionCheck: values.SESSION_CHECK,
      closeGrace: values.CLOSE_GRACE,
      closeTimeout: values.CLOSE_TIMEOUT,
    },
    sharing: {
      ...sharing,
      ring: { maxFrames: values.SHARED_FRAMES, maxBytes: values.SHARED_BYTES },
      maxTotalBytes: values.SHARED_TOTAL_BYTES,
      patience: values.SHARED_PATIENCE,
    },
  }
  return {
    service,
    supergraphFile,
    logLevel: values.LOG_LEVEL,
    metricsPort: values.METRICS_PORT,
    identity: toIdentity(values),
  }
}

function requireFolder(name: string, folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new ConfigError([`${name} ${folder} is no folder`])
}

function readSupergraph(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new ConfigError([`SUPERGRAPH ${file} cannot be read`])
  }
}
