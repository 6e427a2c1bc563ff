import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How bytes pass in one direction of a link. Without any of it they pass at once. */
export interface Flow {
  bytesPerSecond?: number
  /** How long each byte is under way, in milliseconds. */
  latency?: number
  /** Nothing passes, neither bytes nor the end of a connection; connections stay, and new ones are accepted. */
  isSilent?: boolean
}

/** A TCP link to a server that a test can slow down, or silence in one direction. */
export interface Link {
  /** The server's URL, by way of the link. */
  url: string
  /** Changes the given directions from now on, for all connections. Bytes that are under way still arrive in order. */
  set(flows: { toServer?: Flow; toClient?: Flow }): void
  /** How many bytes have passed to all clients. */
  bytes(): number
  close(): void
}

const tick = 20

/**
 * Starts a link on a free port of this machine. Bytes that the link has not taken stay in the buffers of their sender, as on a real
 * network.
 */
export async function startLink(target: string, given: { toServer?: Flow; toClient?: Flow } = {}): Promise<Link> {
  const { hostname, port } = new URL(target)
  const flows: { toServer: Flow; toClient: Flow } = { toServer: {}, toClient: {}, ...given }
  const sockets = new Set<Socket>()
  const pumps = new Set<Pump>()
  let bytes = 0

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true, allowHalfOpen: true })
    const both = [
      pump(client, upstream, () => flows.toServer),
      pump(
        upstream,
        client,
        () => flows.toClient,
        (count) => {
          bytes += count
        },
      ),
    ]
    for (const each of both) pumps.add(each)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => breakOff(other))
      socket.on('close', () => {
        sockets.delete(socket)
        if (!client.destroyed || !upstream.destroyed) return
        for (const each of both) {
          each.stop()
          pumps.delete(each)
        }
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href.replace(/\/$/, ''),
    set(changed) {
      Object.assign(flows, changed)
      for (const each of pumps) each.wake()
    },
    bytes: () => bytes,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Node leaks the handle of a socket that is reset while it ends. */
const breakOff = (socket: Socket) => void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy())

interface Pump {
  /** Looks again whether something may pass. */
  wake(): void
  stop(): void
}

/** Carries bytes from one socket to another as the flow of the moment allows. */
function pump(from: Socket, to: Socket, flow: () => Flow, onPassed: (bytes: number) => void = () => {}): Pump {
  const underWay: { data: Buffer | undefined; dueAt: number }[] = []
  let allowance = 0
  let refilledAt = performance.now()
  let lastDueAt = 0
  let timer: NodeJS.Timeout | undefined

  /** How many bytes may be taken from the sender now. */
  const allowed = ({ bytesPerSecond }: Flow) => {
    if (to.writableNeedDrain) return 0
    const now = performance.now()
    const passed = now - refilledAt
    refilledAt = now
    if (bytesPerSecond === undefined) return Number.POSITIVE_INFINITY
    allowance = Math.min(allowance + (bytesPerSecond * passed) / 1_000, Math.max(bytesPerSecond / 10, 1))
    return Math.floor(allowance)
  }
  const take = (current: Flow) => {
    if (current.isSilent || from.destroyed) return
    const size = Math.min(allowed(current), from.readableLength)
    const data: Buffer | null = size > 0 ? from.read(size) : null
    // A read of nothing tells of the sender's end, once everything was read.
    if (from.readableLength === 0) from.read(0)
    if (!data) return
    if (current.bytesPerSecond !== undefined) allowance -= data.length
    lastDueAt = Math.max(lastDueAt, performance.now() + (current.latency ?? 0))
    underWay.push({ data, dueAt: lastDueAt })
  }
  const deliver = () => {
    for (let first = underWay[0]; first && first.dueAt <= performance.now(); first = underWay[0]) {
      underWay.shift()
      if (to.destroyed) continue
      if (!first.data) to.end()
      else {
        to.write(first.data)
        onPassed(first.data.length)
      }
    }
  }
  const wake = () => {
    const current = flow()
    take(current)
    if (!current.isSilent) deliver()
    const isWaiting = underWay.length > 0 || from.readableLength > 0
    if (isWaiting && !current.isSilent) timer ??= setTimeout(again, tick)
  }
  const again = () => {
    timer = undefined
    wake()
  }
  from.on('readable', wake)
  from.on('end', () => {
    underWay.push({ data: undefined, dueAt: lastDueAt })
    wake()
  })
  to.on('drain', wake)
  return { wake, stop: () => clearTimeout(timer) }
}
