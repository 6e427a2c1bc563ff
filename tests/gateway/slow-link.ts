import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { eventually } from './raw-socket.ts'

/** A link to a server on which only so many bytes a second come back from it. */
export interface SlowLink {
  url: string
  /** What has come through to all clients. */
  bytes(): number
  close(): void
}

const tick = 20

/** Starts such a link on a free port of this machine. What the link has not taken stays with the server, as on a real one. */
export async function startSlowLink(target: string, bytesPerSecond: number): Promise<SlowLink> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let bytes = 0
  const server = createServer((client) => {
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true })
    client.setNoDelay(true)
    client.pipe(upstream)
    // Read in pieces of what may pass, and not flowing: the rest fills the buffers between here and the server.
    let allowance = 0
    const pass = () => {
      allowance = Math.min(allowance + (bytesPerSecond * tick) / 1000, Math.max(bytesPerSecond / 10, 1))
      const size = Math.min(Math.floor(allowance), upstream.readableLength)
      const chunk: Buffer | null = size > 0 ? upstream.read(size) : null
      if (!chunk) return
      allowance -= chunk.length
      bytes += chunk.length
      client.write(chunk)
    }
    const timer = setInterval(pass, tick)
    upstream.on('readable', () => {})
    upstream.on('end', () => client.end(upstream.read()))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        clearInterval(timer)
        sockets.delete(socket)
        if (socket === client) other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Waits until the condition holds. Throws once nothing comes through the link any more, however long that takes. */
export async function whileBytesMove(link: SlowLink, condition: () => boolean, what: string): Promise<void> {
  for (let before = -1; !condition(); ) {
    if (link.bytes() === before) throw new Error(`Nothing moves any more: ${what}. ${before} bytes have come.`)
    before = link.bytes()
    await eventually(() => condition() || link.bytes() > before, what)
  }
}
