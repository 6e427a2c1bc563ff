import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { refuseUpgrade } from '../../platform/http/refuse-upgrade.ts'
import { inBatches } from '../../platform/lifecycle/in-batches.ts'
import type { Closable } from '../../platform/lifecycle/resources.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { createClientSocket, type ServedSocket } from './client-socket.ts'
import { createFrameRate } from './frame-rate.ts'
import type { GraphqlSockets, OpenedSocket } from './graphql-sockets.ts'
import { createHeartbeat } from './heartbeat.ts'
import { createOneWrite } from './one-write.ts'

export interface WebSocketServerOptions {
  server: Server
  path: string
  /** Whether a browser page of this origin may connect; `host` is the request's own. */
  allowsOrigin(origin: string, host: string | undefined): boolean
  /** The client's address, as far as proxies are trusted. */
  clientAddress(request: IncomingMessage): string
  /** Rejects when the address asks too much. */
  admit(clientIp: string): Promise<void>
  graphql: GraphqlSockets
  limits: SocketLimits
  /** How long an operation may run, in milliseconds. */
  operationTimeout: number
  countLimit: CountLimit
  metrics: Metrics
}

export interface WebSockets extends Closable {
  /** Takes no more sockets, and closes the others in batches, so that their clients spread. Resolves after the last batch. */
  leave(): Promise<void>
  /** Takes its leave, and waits until every socket has closed. */
  close(): Promise<void>
}

interface Connection {
  socket: ServedSocket
  operations: OpenedSocket
  ended: Promise<void>
}

/** Accepts WebSockets on the HTTP server, bounds what comes in, and hands messages to the GraphQL protocol. */
export function serveWebSockets(options: WebSocketServerOptions): WebSockets {
  const { server, path, allowsOrigin, clientAddress, admit, graphql, limits, countLimit, metrics } = options
  const serverOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    handleProtocols,
    maxPayload: limits.maxFrameBytes,
    perMessageDeflate: false,
    // A socket that was closed has this long to answer before it is cut: a peer that reads nothing never answers.
    closeTimeout: limits.closeTimeout,
  }
  const sockets = new WebSocketServer(serverOptions)
  const connections = new Set<Connection>()
  const heartbeat = createHeartbeat(limits.heartbeat)
  const beforeWrite = createOneWrite()
  let leaving: Promise<void> | undefined

  const closes = metrics.counter('parley_socket_closes_total', 'WebSockets that were closed, by code', ['code'])
  const refusals = metrics.counter('parley_upgrades_refused_total', 'WebSockets that were refused, by HTTP status', [
    'status',
  ])
  const backlogs = () => connections.values().map(({ socket }) => socket.backlog())
  metrics.gauge('parley_sockets', 'WebSockets that are open', () => connections.size)
  metrics.gauge('parley_socket_backlog_bytes', 'Bytes that wait for the peers of WebSockets', () =>
    backlogs().reduce((sum, bytes) => sum + bytes, 0),
  )
  metrics.gauge('parley_socket_backlog_max_bytes', 'Bytes that wait for the peer of one WebSocket, at most', () =>
    backlogs().reduce((most, bytes) => Math.max(most, bytes), 0),
  )

  const refuse = (socket: Duplex, status: Parameters<typeof refuseUpgrade>[1]) => {
    refusals.add({ status: String(status) })
    refuseUpgrade(socket, status)
  }
  const onUpgrade = (request: IncomingMessage, tcp: Duplex, head: Buffer) => {
    const { origin, host } = request.headers
    if (request.url?.split('?')[0] !== path) return refuse(tcp, 404)
    if (origin && !allowsOrigin(origin, host)) return refuse(tcp, 403)
    if (leaving) return refuse(tcp, 503)
    // Nobody listens to the socket until it is taken over: without this a peer that resets it meanwhile ends the process.
    tcp.on('error', ignore)
    admit(clientAddress(request)).then(
      () => {
        // It may have begun to take its leave while the address was admitted.
        if (leaving) refuse(tcp, 503)
        else sockets.handleUpgrade(request, tcp, head, (webSocket) => accept(webSocket, tcp, request))
      },
      () => refuse(tcp, 429),
    )
  }

  const accept = (webSocket: WebSocket, tcp: Duplex, request: IncomingMessage) => {
    const socket = createClientSocket({
      socket: webSocket,
      tcp,
      beforeWrite,
      clientIp: clientAddress(request),
      userAgent: request.headers['user-agent'],
      maxBacklogBytes: limits.maxBacklogBytes,
      allowFrame: createFrameRate(limits.framesPerSecond, limits.frameBurst),
      countLimit,
    })
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const connection = { socket, operations: graphql.opened(socket), ended }
    connections.add(connection)
    heartbeat.add(webSocket)
    webSocket.on('error', (error: Error & { code?: string }) => {
      // ws closes it with its code right after.
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') countLimit('frame_bytes')
    })
    webSocket.once('close', (code, reason) => {
      connections.delete(connection)
      heartbeat.remove(webSocket)
      closes.add({ code: codeLabel(socket.closedWith() ?? code) })
      end()
      void connection.operations.closed(code, String(reason))
    })
  }

  /** Closes the socket once its queries and mutations have been answered: its client would not know what became of them. */
  const dismiss = async ({ socket, operations }: Connection) => {
    await within(options.operationTimeout, operations.finish(), 'An operation did not end in time').catch(ignore)
    socket.close(closeCodes.goingAway, 'Going away')
  }
  const leave = () => {
    leaving ??= inBatches([...connections], (connection) => void dismiss(connection), { within: limits.closeGrace })
    return leaving
  }
  server.on('upgrade', onUpgrade)
  return {
    leave,
    async close() {
      await leave()
      await Promise.all(connections.values().map(({ ended }) => ended))
      heartbeat.stop()
      server.off('upgrade', onUpgrade)
    },
  }
}

const ignore = () => {}

const knownCodes = new Set<number>([...Object.values(closeCodes), 1000, 1001, 1005, 1006])

/** Peers make up codes of their own: only known ones become labels. */
const codeLabel = (code: number) => (knownCodes.has(code) ? String(code) : 'other')
