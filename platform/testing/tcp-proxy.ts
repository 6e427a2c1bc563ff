import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that a test can block: it does to connections what an outage does. */
export interface TcpProxy {
  /** The server's URL, by way of the proxy. */
  url: string
  port: number
  /** Ends every connection at once, as the death of a server does. */
  cut(): void
  /** Ends every connection in good order, as a server does that is stopped. */
  hangUp(): void
  /** Lets nothing through any more, as a server that was stopped: connections stay, and are still accepted. */
  freeze(): void
  /** Lets through what came meanwhile, and all that follows. */
  thaw(): void
  /** Refuses new connections, as a machine on which no server runs. */
  refuse(): void
  /** Accepts connections again. */
  accept(): Promise<void>
  close(): Promise<void>
}

/** Starts a proxy in front of the server, on a free port of this machine. The URL has to name the server's port. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const pairs = new Set<[Socket, Socket]>()
  let frozen = false
  let port = 0

  const join = ([client, upstream]: [Socket, Socket]) => void client.pipe(upstream).pipe(client)
  const part = ([client, upstream]: [Socket, Socket]) => {
    client.unpipe(upstream)
    upstream.unpipe(client)
  }
  const admit = (client: Socket) => {
    const upstream = connect(Number(targetPort), hostname)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const [socket, other] of [pair, pair.toReversed() as [Socket, Socket]]) {
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        other.end()
        if (client.destroyed && upstream.destroyed) pairs.delete(pair)
      })
    }
    if (!frozen) join(pair)
  }
  const listen = async (): Promise<Server> => {
    const listening = createServer(admit).listen(port, '127.0.0.1')
    await once(listening, 'listening')
    return listening
  }
  const cut = () => {
    for (const socket of [...pairs].flat()) {
      // Node leaks the handle of a socket that is reset while it ends.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
  }

  const hangUp = () => {
    for (const [client] of pairs) client.end()
  }

  let server = await listen()
  port = (server.address() as AddressInfo).port
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(port)

  return {
    url: String(url),
    port,
    cut,
    hangUp,
    freeze() {
      frozen = true
      pairs.forEach(part)
    },
    thaw() {
      if (!frozen) return
      frozen = false
      pairs.forEach(join)
    },
    refuse: () => void server.close(),
    async accept() {
      if (!server.listening) server = await listen()
    },
    async close() {
      server.close()
      cut()
    },
  }
}
