import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { addressGroup } from '../../platform/http/address-group.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { ConnectionLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { createAnswers } from './answers.ts'
import { excessiveUnread } from './unread-answers.ts'

/** How many requests a connection may have sent whose answers its client has not taken. Browsers, and Node's `fetch`, send one. */
export const mostPipelined = 8

/** How many bytes of answers may wait for clients to take them, in all; and how often that is looked at, at most, in milliseconds. */
const [mostUnread, lookEvery] = [64_000_000, 100]

export interface ConnectionLimitOptions {
  limits: ConnectionLimits
  mostUnread?: number
  /** Whether the connections of a peer are those of many clients. */
  isTrustedProxy(address: string): boolean
  countLimit: CountLimit
  metrics: Metrics
}

/**
 * Bounds the connections of an HTTP server until they become WebSockets. When there are too many, the one that has been waiting for a
 * request for the longest time makes room: a client that means to ask has asked by then. When all are being answered, the oldest makes room
 * whose client leaves bytes of its answer unread, of the address that has most connections. When there is none, the new one is refused. So
 * nobody who holds connections open keeps others out. What all leave unread is bounded, too: beyond that, connections are closed for which most
 * waits.
 */
export function limitConnections(server: Server, options: ConnectionLimitOptions): void {
  const { limits, isTrustedProxy, countLimit, metrics } = options
  const allowedUnread = options.mostUnread ?? mostUnread
  const answers = createAnswers(mostPipelined)
  const everybody = createGroup()
  const addresses = new Map<string, Group>()
  const groups = new WeakMap<Socket, { key: string; group: Group }>()
  metrics.gauge('parley_connections', 'HTTP connections that are no WebSockets', () => everybody.all.size)
  metrics.gauge('parley_connections_waiting', 'HTTP connections on which no request is complete', () => {
    return everybody.waiting.size
  })

  const forget = (socket: Socket) => {
    everybody.remove(socket)
    const held = groups.get(socket)
    if (!held) return
    groups.delete(socket)
    held.group.remove(socket)
    if (held.group.all.size === 0) addresses.delete(held.key)
  }
  /** Returns whether there is room for one more. */
  const makeRoom = (group: Group, most: number, limit: Parameters<CountLimit>[0]): boolean => {
    if (group.all.size < most) return true
    countLimit(limit)
    const leaving = group.waiting.values().next().value ?? unreadIn(group)
    if (!leaving) return false
    forget(leaving)
    leaving.destroy()
    return true
  }
  const unreadIn = (group: Group): Socket | undefined => {
    const largestFirst = group === everybody ? [...addresses.values()].sort((a, b) => b.all.size - a.all.size) : []
    for (const { all } of [...largestFirst, group]) {
      const unread = all.values().find((socket) => answers.unread(socket) > 0)
      if (unread) return unread
    }
    return undefined
  }
  let lookedAt = Number.NEGATIVE_INFINITY
  const boundUnread = () => {
    if (performance.now() - lookedAt < lookEvery) return
    lookedAt = performance.now()
    // Behind a trusted proxy each connection stands for itself.
    const proxied = [...everybody.all].filter((socket) => !groups.has(socket)).map((socket) => [socket])
    const all = [...[...addresses.values()].map((group) => group.all), ...proxied]
    for (const socket of excessiveUnread(all, answers.unread, allowedUnread)) {
      countLimit('unread_answer_bytes')
      socket.destroy()
    }
  }
  const begin = (socket: Socket) => {
    const address = socket.remoteAddress
    const key = isTrustedProxy(address ?? '') ? undefined : addressGroup(address ?? null)
    const group = key === undefined ? undefined : (addresses.get(key) ?? createGroup())
    const hasRoom =
      (!group || makeRoom(group, limits.perAddress, 'connections_per_address')) &&
      makeRoom(everybody, limits.total, 'connections')
    if (!hasRoom) return socket.destroy()
    everybody.add(socket)
    socket.once('close', () => forget(socket))
    if (key === undefined || !group) return
    group.add(socket)
    addresses.set(key, group)
    groups.set(socket, { key, group })
  }
  const setWaiting = (socket: Socket, isWaiting: boolean) => {
    for (const group of [everybody, groups.get(socket)?.group]) group?.setWaiting(socket, isWaiting)
  }
  server.on('connection', begin)
  const serving = server.listeners('request')
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (!answers.begin(socket, response)) {
      if (!socket.destroyed) countLimit('pipelined_requests')
      return socket.destroy()
    }
    boundUnread()
    // Of a request without a body the end is only told once somebody reads it, which may be never.
    let isOver = false
    if (hasBody(request)) request.once('end', () => void (isOver || setWaiting(socket, false)))
    else setWaiting(socket, false)
    response.once('close', () => {
      isOver = true
      setWaiting(socket, true)
    })
    for (const serve of serving) serve.call(server, request, response)
  }
  server.on('upgrade', (_, socket) => forget(socket as Socket))
  // Node reads all requests of a chunk in one turn: those that are too many must not reach what serves them.
  server.removeAllListeners('request').on('request', onRequest)
  // An expectation that nobody knows is ignored. Node would answer it beside the bound.
  server.on('checkExpectation', onRequest)
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

interface Group {
  all: Set<Socket>
  /** On which no request is complete; those first that have waited longest. */
  waiting: Set<Socket>
  add(socket: Socket): void
  remove(socket: Socket): void
  setWaiting(socket: Socket, isWaiting: boolean): void
}

function createGroup(): Group {
  const all = new Set<Socket>()
  const waiting = new Set<Socket>()
  return {
    all,
    waiting,
    add(socket) {
      all.add(socket)
      waiting.add(socket)
    },
    remove(socket) {
      all.delete(socket)
      waiting.delete(socket)
    },
    setWaiting(socket, isWaiting) {
      waiting.delete(socket)
      if (isWaiting && all.has(socket)) waiting.add(socket)
    },
  }
}
