import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { refuseUpgrade } from '../../platform/http/refuse-upgrade.ts'
import type { Closable } from '../../platform/lifecycle/resources.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import { createFrameRate } from './frame-rate.ts'
import type { GraphqlSockets } from './graphql-sockets.ts'

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
}

const keepAlive = 15_000
const closeBatch = 200
/** How long a socket that was closed may take to answer, before it is cut: a peer that reads nothing never answers. */
const closeGrace = 2_000

/** Accepts WebSockets on the HTTP server, bounds what comes in, and hands messages to the GraphQL protocol. */
export function serveWebSockets(options: WebSocketServerOptions): Closable {
  const { server, path, allowsOrigin, clientAddress, admit, graphql, limits } = options
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: limits.maxFrameBytes,
    perMessageDeflate: false,
  })
  let closing = false

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { origin, host } = request.headers
    if (request.url?.split('?')[0] !== path) return refuseUpgrade(socket, 404)
    if (origin && !allowsOrigin(origin, host)) return refuseUpgrade(socket, 403)
    if (closing) return refuseUpgrade(socket, 503)
    // Nobody listens to the socket until it is taken over: without this a peer that resets it meanwhile ends the process.
    socket.on('error', () => {})
    admit(clientAddress(request)).then(
      () => {
        // It may have begun to close while the address was admitted.
        if (closing) refuseUpgrade(socket, 503)
        else sockets.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, request))
      },
      () => refuseUpgrade(socket, 429),
    )
  }

  const accept = (socket: WebSocket, request: IncomingMessage) => {
    const allowFrame = createFrameRate(limits.framesPerSecond, limits.frameBurst)
    const close = (code: number, reason: string) => {
      socket.close(code, reason)
      setTimeout(() => socket.terminate(), closeGrace).unref()
    }
    const closed = graphql.opened({
      protocol: socket.protocol,
      clientIp: clientAddress(request),
      userAgent: request.headers['user-agent'],
      // Waits for nobody: a reader that lets more pile up than it may is dropped, and resumes.
      send: (text) => {
        if (socket.readyState !== socket.OPEN) return
        const waiting = socket.bufferedAmount
        const tooMuch = waiting > 0 && waiting + text.length > limits.maxBacklogBytes
        if (tooMuch) close(closeCodes.tooSlow, 'Too slow: reconnect and resume')
        else socket.send(text)
      },
      close,
      onMessage: (listener) => {
        socket.on('message', (data, isBinary) => {
          if (socket.readyState !== socket.OPEN) return
          if (isBinary) return close(closeCodes.badFrame, 'Text frames only')
          if (!allowFrame()) return close(closeCodes.tooMany, 'Too many frames')
          void listener(String(data)).catch(() => close(closeCodes.failed, 'Internal server error'))
        })
      },
    })
    let alive = true
    const heartbeat = setInterval(() => {
      if (!alive) return socket.terminate()
      alive = false
      socket.ping()
    }, keepAlive)
    socket.on('pong', () => {
      alive = true
    })
    // An oversized frame or a protocol error: ws closes the socket with its code right after.
    socket.on('error', () => {})
    socket.once('close', (code, reason) => {
      clearInterval(heartbeat)
      void closed(code, String(reason))
    })
  }

  server.on('upgrade', onUpgrade)
  return {
    async close() {
      closing = true
      const open = [...sockets.clients]
      // In batches, so that not every client comes back in the same instant.
      for (let start = 0; start < open.length; start += closeBatch) {
        for (const socket of open.slice(start, start + closeBatch)) socket.close(closeCodes.goingAway, 'Going away')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const deadline = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, closeGrace)
      await Promise.all(
        open.map((socket) => socket.readyState === socket.CLOSED || new Promise((done) => socket.once('close', done))),
      )
      clearTimeout(deadline)
      server.off('upgrade', onUpgrade)
    },
  }
}
