import { defaultMaxResponseBytes } from '../platform/graphql/response-meter.ts'
import { defaultStreamLimits, type StreamLimits } from './subscriptions/budgets/distinct-streams.ts'
import type { SharingOptions } from './subscriptions/sharing/shared-streams.ts'

/** Where the replicas of a subgraph are, and the names of the cookies that it sets and reads. No others are passed on. */
export interface SubgraphConfig {
  urls: string[]
  cookies?: string[]
}

/** What the gateway has to be told. Times are in milliseconds unless they say otherwise. */
export interface GatewayConfig {
  host: string
  port: number
  /** The composed supergraph. */
  supergraphSdl: string
  /** By subgraph name, for every subgraph of the supergraph. */
  subgraphs: Record<string, SubgraphConfig>
  /** Outside production: introspection, suggestions, Apollo Sandbox, the offline IDE, calls by pages of this machine. */
  development: boolean
  /** Web origins besides the gateway's own that may call it from a browser. */
  allowedOrigins: string[]
  /** Proxies (addresses or CIDR) whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. */
  trustedProxies: string[]
  /** The folder of the web client's files; without it none is served. */
  webRoot?: string
  /** How long an operation may run. */
  operationTimeout: number
  /** How many points operations may cost in a minute. */
  pointsPerMinute: PointsPerMinute
  limits: OperationLimits
  connections: ConnectionLimits
  sockets: SocketLimits
  sharing: SharingOptions
}

export interface PointsPerMinute {
  /** Those of a user, and those of an address that nobody has signed in at. */
  ofUser: number
  /** Those of all users behind one address together. */
  ofAddress: number
}

/** What one operation may ask for, over HTTP and WebSocket alike. */
export interface OperationLimits {
  maxTokens: number
  maxDepth: number
  maxFields: number
  maxAliases: number
  maxVariableDepth: number
  /** Characters of white space and comments. */
  maxIgnoredCharacters: number
  /** In points: planning, requests to subgraphs, what it selects by `@cost` and `@listSize`, and the bytes of its response. */
  maxCost: number
  /** By estimate before it runs, and as they are while it runs. */
  maxResponseBytes: number
  /** The most items that the subgraphs give in a page. */
  maxPageSize: number
  /** How many items a list is taken to have that has no `@listSize`. */
  assumedListSize: number
  /** Root mutation fields of which one operation may hold one altogether. Which they are depends on the graph: none by default. */
  exclusiveMutations: string[]
}

/** Connections that have not become WebSockets: those that ask, that have not asked yet, and that are kept for the next request. */
export interface ConnectionLimits {
  /** Those of one address; a trusted proxy has no such bound. */
  perAddress: number
  total: number
  /** How long the headers of a request may take to come, in milliseconds. */
  headersTimeout: number
}

/** What clients may take of the gateway with their sockets, and how long anything about them may take. Times are in milliseconds. */
export interface SocketLimits {
  maxFrameBytes: number
  socketsPerUser: number
  socketsPerAddress: number
  /** WebSockets that nobody has signed in on yet. */
  pendingSockets: { perAddress: number; total: number }
  subscriptionsPerSocket: number
  framesPerSecond: number
  /** Frames of every kind: messages, pings, pongs and closes. */
  frameBurst: number
  /** Four times as many may come at once. */
  frameBytesPerSecond: number
  /** How much may wait for a slow reader, in bytes. */
  maxBacklogBytes: number
  /** How much may wait for all slow readers together, in bytes. */
  maxTotalBacklogBytes: number
  /** How many bytes the replies of subgraphs that complete one event may have together. */
  maxEventBytes: number
  streams: StreamLimits
  /** How many subscriptions may be opening at a time. */
  openings: { perSocket: number; perUser: number; perAddress: number; total: number }
  /** How many subscriptions may be catching up at a time. */
  replays: { perUser: number; total: number }
  /** How long an event waits for another subgraph that answers nothing; twice that at most, and ten times for one that answers others. */
  restTimeout: number
  /** How often a client is pinged; one that has not answered until the next ping is gone. */
  heartbeat: number
  /** How long a subgraph may give no sign of life, over HTTP and WebSocket. A WebSocket to it is pinged after half of that. */
  upstreamHeartbeat: number
  /** How often all sessions are checked for revocations whose announcement was lost, and for tokens that ran out. */
  sessionCheck: number
  /** Over how long a gateway that stops spreads the closing of its sockets. */
  closeGrace: number
  /** How long a socket that was closed may take to answer before it is cut. */
  closeTimeout: number
}

export const defaultLimits: OperationLimits = {
  maxTokens: 1_000,
  maxDepth: 8,
  maxFields: 400,
  maxAliases: 30,
  maxVariableDepth: 32,
  maxIgnoredCharacters: 20_000,
  maxCost: 20_000,
  maxResponseBytes: 1_500_000,
  maxPageSize: 100,
  assumedListSize: 10,
  exclusiveMutations: [],
}

export const defaultPointsPerMinute: PointsPerMinute = { ofUser: 1_200_000, ofAddress: 12_000_000 }

export const defaultConnectionLimits: ConnectionLimits = {
  perAddress: 512,
  total: 8_192,
  headersTimeout: 10_000,
}

export const defaultSocketLimits: SocketLimits = {
  maxFrameBytes: 64_000,
  socketsPerUser: 20,
  socketsPerAddress: 1_000,
  pendingSockets: { perAddress: 256, total: 2_048 },
  subscriptionsPerSocket: 50,
  framesPerSecond: 50,
  frameBurst: 200,
  frameBytesPerSecond: 500_000,
  maxBacklogBytes: 1_000_000,
  maxTotalBacklogBytes: 128_000_000,
  maxEventBytes: defaultMaxResponseBytes,
  streams: defaultStreamLimits,
  openings: { perSocket: 4, perUser: 4, perAddress: 16, total: 64 },
  replays: { perUser: 6, total: 64 },
  restTimeout: 1_000,
  heartbeat: 15_000,
  upstreamHeartbeat: 5_000,
  sessionCheck: 500,
  closeGrace: 10_000,
  closeTimeout: 2_000,
}
