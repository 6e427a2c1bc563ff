import type { SharingOptions } from './subscriptions/sharing/shared-streams.ts'

/** Where the replicas of a subgraph are, and whether it sets and reads cookies. */
export interface SubgraphConfig {
  urls: string[]
  cookies?: boolean
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
  /** Proxies (addresses or CIDR) whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  /** The folder of the web client's files; without it none is served. */
  webRoot?: string
  /** How long an operation may run. */
  operationTimeout: number
  /** How many operations one address may ask for in a minute. */
  operationsPerMinute: number
  limits: OperationLimits
  sockets: SocketLimits
  sharing: SharingOptions
}

/** What one operation may ask for, over HTTP and WebSocket alike. */
export interface OperationLimits {
  maxTokens: number
  maxDepth: number
  maxFields: number
  maxAliases: number
  maxVariableDepth: number
  /** How many nodes the pages of one operation may have room for, pages within pages multiplied. */
  maxNodes: number
  /** The most nodes that the subgraphs give in a page. */
  maxPageSize: number
  /** Root mutation fields of which one operation may hold one altogether. */
  exclusiveMutations: string[]
}

/** What clients may take of the gateway with their sockets, and how long anything about them may take. Times are in milliseconds. */
export interface SocketLimits {
  maxFrameBytes: number
  socketsPerUser: number
  subscriptionsPerSocket: number
  framesPerSecond: number
  frameBurst: number
  /** How much may wait for a slow reader, in bytes. */
  maxBacklogBytes: number
  /** How many subscriptions may be opening at a time. */
  openings: { perUser: number; total: number }
  /** How long an event waits for another subgraph that answers nothing; twice that at most, and ten times for one that answers others. */
  restTimeout: number
  /** How often a client is pinged; one that has not answered until the next ping is gone. */
  heartbeat: number
  /** The same for the connections to subgraphs, on which subscriptions run. */
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
  maxNodes: 5_000,
  maxPageSize: 100,
  exclusiveMutations: [],
}

export const defaultSocketLimits: SocketLimits = {
  maxFrameBytes: 64_000,
  socketsPerUser: 20,
  subscriptionsPerSocket: 50,
  framesPerSecond: 50,
  frameBurst: 200,
  maxBacklogBytes: 1_000_000,
  openings: { perUser: 4, total: 64 },
  restTimeout: 1_000,
  heartbeat: 15_000,
  upstreamHeartbeat: 5_000,
  sessionCheck: 500,
  closeGrace: 10_000,
  closeTimeout: 2_000,
}
