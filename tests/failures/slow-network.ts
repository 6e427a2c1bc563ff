import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Chance } from '../delivery/chance.ts'

/** A way to a server over a network that is slow and breaks connections, once it is told to. */
export interface SlowNetwork {
  /** The server's URL, by way of it. */
  url: string
  /** How many connections broke that carried something. */
  broken(): number
  /** Delays what comes from now on by so many milliseconds each way, and breaks each connection with this chance in a second. */
  disturb(options: { latency: number; breaks: number }): void
  close(): Promise<void>
}

const look = 50

export async function startSlowNetwork(target: string, chance: Chance): Promise<SlowNetwork> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<[Socket, Socket]>()
  let [latency, breaks, broken] = [0, 0, 0]

  const carry = (from: Socket, to: Socket) => {
    from.setNoDelay(true)
    from.on('data', (data) => setTimeout(() => to.destroyed || to.write(data), latency))
    from.on('end', () => setTimeout(() => to.end(), latency))
    from.on('error', () => to.destroy())
  }
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    client.once('close', () => {
      pairs.delete(pair)
      upstream.destroy()
    })
    upstream.once('close', () => client.destroy())
    carry(client, upstream)
    carry(upstream, client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const timer = setInterval(() => {
    for (const [client, upstream] of pairs) {
      if (chance.between(0, 1) >= breaks * (look / 1_000)) continue
      if (upstream.bytesRead > 0) broken += 1
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
  }, look)

  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    broken: () => broken,
    disturb(options) {
      ;({ latency, breaks } = options)
    },
    async close() {
      clearInterval(timer)
      server.close()
      for (const [client, upstream] of pairs) {
        client.destroy()
        upstream.destroy()
      }
    },
  }
}
