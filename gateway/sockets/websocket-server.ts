import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { AppError } from '../../platform/errors/app-error.ts'
import { refuseUpgrade } from '../../platform/http/refuse-upgrade.ts'
import { inBatches } from '../../platform/lifecycle/in-batches.ts'
import type { Closable } from '../../platform/lifecycle/resources.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { ClientConnection } from '../http/client-connection.ts'
import { longHeaderIn } from '../http/header-bounds.ts'
import type { Origins } from '../http/origins.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { createAddressLimits } from './address-limits.ts'
import { createClientSocket, type ServedSocket } from './client-socket.ts'
import { createOneWrite } from './frames/one-write.ts'
import { WaitingTotal } from './frames/waiting-total.ts'
import type { GraphqlSockets } from './graphql-sockets.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { OpenedSocket } from './opened-socket.ts'

export interface WebSocketServerOptions {
  server: Server
  path: string
  /** Which browser pages may connect. */
  origins: Pick<Origins, 'mayCall' | 'refusal'>
  connection: ClientConnection
  /** Charges the address, whatever becomes of the upgrade. Rejects when it asks too much. */
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
  opened: OpenedSocket
  /** Takes it off the counts of its address. */
  leaveAddress(): void
  /** The code of a protocol error. */
  brokenWith?: number
}

/** Accepts WebSockets on the HTTP server, bounds what comes in, and hands messages to the GraphQL protocol. */
export function serveWebSockets(options: WebSocketServerOptions): WebSockets {
  const { server, path, origins, connection, admit, graphql, limits, countLimit, metrics } = options
  const serverOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    handleProtocols,
    maxPayload: limits.maxFrameBytes,
    perMessageDeflate: false,
    // One message of a socket in each turn of the event loop: what one client sends at once does not hold up the others.
    allowSynchronousEvents: false,
    // Pings are answered once they are counted.
    autoPong: false,
    maxFragments: mostFragments,
    // A socket that was closed has this long to answer before it is cut: a peer that reads nothing never answers.
    closeTimeout: limits.closeTimeout,
  }
  const sockets = new WebSocketServer(serverOptions)
  const connections = new Map<WebSocket, Connection>()
  const addresses = createAddressLimits(limits, countLimit)
  const heartbeat = createHeartbeat(limits.heartbeat)
  const waiting = new WaitingTotal(limits.maxTotalBacklogBytes)
  const rules = { limits, countLimit, beforeWrite: createOneWrite(), waiting }
  let leaving: Promise<void> | undefined
  let onEmpty = () => {}

  const closes = metrics.counter('parley_socket_closes_total', 'WebSockets that were closed, by code', ['code'])
  const refusals = metrics.counter('parley_upgrades_refused_total', 'WebSockets that were refused, by HTTP status', [
    'status',
  ])
  metrics.gauge('parley_sockets_pending', 'WebSockets that nobody has signed in on yet', addresses.pending)
  const backlogs = () => connections.values().map(({ socket }) => socket.backlog())
  metrics.gauge('parley_sockets', 'WebSockets that are open', () => connections.size)
  metrics.gauge('parley_socket_backlog_bytes', 'Bytes that wait for the peers of WebSockets', () =>
    backlogs().reduce((sum, bytes) => sum + bytes, 0),
  )
  metrics.gauge('parley_socket_backlog_max_bytes', 'Bytes that wait for the peer of one WebSocket, at most', () =>
    backlogs().reduce((most, bytes) => Math.max(most, bytes), 0),
  )

  const refuse = (
    socket: Duplex,
    status: Parameters<typeof refuseUpgrade>[1],
    told?: Parameters<typeof refuseUpgrade>[2],
  ) => {
    refusals.add({ status: String(status) })
    refuseUpgrade(socket, status, told)
  }
  const onUpgrade = (request: IncomingMessage, tcp: Duplex, head: Buffer) => {
    if (leaving) return refuse(tcp, 503)
    // Nobody listens to the socket until it is taken over: without this a peer that resets it meanwhile ends the process.
    tcp.on('error', ignore)
    const clientIp = connection.address(request)
    admit(clientIp).then(
      () => {
        // It may have begun to take its leave while the address was admitted.
        if (leaving) return refuse(tcp, 503)
        const long = longHeaderIn(request.headers)
        if (long) return refuse(tcp, 431, { message: long.message })
        const { origin } = request.headers
        if (request.url?.split('?')[0]?.replace(/\/$/, '') !== path) return refuse(tcp, 404)
        if (origin && !origins.mayCall(origin, connection.host(request)))
          return refuse(tcp, 403, { message: origins.refusal(origin) })
        const message = addresses.makeRoom(clientIp)
        if (message !== undefined) return refuse(tcp, 429, { message })
        sockets.handleUpgrade(request, tcp, head, (webSocket) => accept(webSocket, tcp, request))
      },
      (error: unknown) =>
        refuse(tcp, 429, error instanceof AppError ? { message: error.message, ...error.details } : {}),
    )
  }

  const accept = (webSocket: WebSocket, tcp: Duplex, request: IncomingMessage) => {
    const userAgent = request.headers['user-agent']
    const clientIp = connection.address(request)
    const socket = createClientSocket({ socket: webSocket, tcp, clientIp, userAgent, rules })
    const opened = graphql.opened(socket)
    const leaveAddress = addresses.add(clientIp, {
      isSignedIn: () => opened.user !== undefined,
      makeRoom: (reason) => socket.close(closeCodes.tooMany, reason),
    })
    connections.set(webSocket, { socket, opened, leaveAddress })
    heartbeat.add(socket)
    webSocket.on('message', onMessage)
    webSocket.on('ping', onPing)
    webSocket.on('pong', onPong)
    webSocket.on('error', onError)
    webSocket.on('close', onClose)
  }
  // Each of them is one for all sockets: closures of their own would be most of what an idle socket costs here.
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean) {
    connections.get(this)?.socket.receive(data, isBinary)
  }
  function onPing(this: WebSocket, data: Buffer) {
    connections.get(this)?.socket.receivePing(data)
  }
  function onPong(this: WebSocket, data: Buffer) {
    const socket = connections.get(this)?.socket
    if (socket?.receivePong(data)) heartbeat.answered(socket)
  }
  /** A protocol error: ws has closed the socket, and hears no answer to that. */
  function onError(this: WebSocket, error: Error & { code?: string }) {
    const connection = connections.get(this)
    if (!connection || error.code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return
    connection.brokenWith = closeCodes.frameTooLarge
    countLimit('frame_bytes')
  }
  function onClose(this: WebSocket, code: number, reason: Buffer) {
    const connection = connections.get(this)
    if (!connection) return
    const { socket, opened, leaveAddress, brokenWith } = connection
    leaveAddress()
    connections.delete(this)
    waiting.forget(socket)
    heartbeat.remove(socket)
    closes.add({ code: codeLabel(socket.closedWith ?? brokenWith ?? code) })
    void graphql.closed(opened, code, String(reason))
    if (connections.size === 0) onEmpty()
  }

  /** Closes the socket once its queries and mutations have been answered: its client would not know what became of them. */
  const dismiss = async ({ socket, opened }: Connection) => {
    await within(options.operationTimeout, graphql.finish(opened), 'An operation did not end in time').catch(ignore)
    socket.close(closeCodes.goingAway, 'Going away')
  }
  const leave = () => {
    leaving ??= inBatches([...connections.values()], (connection) => void dismiss(connection), {
      within: limits.closeGrace,
    })
    return leaving
  }
  server.on('upgrade', onUpgrade)
  return {
    leave,
    async close() {
      await leave()
      if (connections.size > 0) {
        await new Promise<void>((resolve) => {
          onEmpty = resolve
        })
      }
      heartbeat.stop()
      server.off('upgrade', onUpgrade)
    },
  }
}

const ignore = () => {}

/** Of how many frames a client's message may consist. */
const mostFragments = 128

const knownCodes = new Set<number>([...Object.values(closeCodes), 1000, 1001, 1005, 1006])

/** Peers make up codes of their own: only known ones become labels. */
const codeLabel = (code: number) => (knownCodes.has(code) ? String(code) : 'other')
