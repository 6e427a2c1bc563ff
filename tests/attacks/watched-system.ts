import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Network, NetworkOptions } from '../../dev/network.ts'
import { startSystem } from '../system.ts'

/** A request of the gateway to a subgraph. */
export interface SubgraphCall {
  subgraph: string
  headers: IncomingHttpHeaders
  body: string
  /** Whether the gateway hung up before the answer. */
  aborted: boolean
}

export interface WatchedSystem extends Network {
  /** Every call of the gateway to a subgraph since the last `forget`. */
  calls: SubgraphCall[]
  forget(): void
  /** From now on the subgraph gets no call through, and the gateway no answer, until the returned function is called. */
  hold(subgraph: string): () => void
}

const names = ['auth', 'profile', 'chat'] as const

/** A system as in production, with somebody listening between its gateway and its subgraphs. */
export async function startWatchedSystem(options: Partial<NetworkOptions> = {}): Promise<WatchedSystem> {
  const calls: SubgraphCall[] = []
  const held = new Set<string>()
  const targets: Record<string, string> = {}
  const relays = await Promise.all(names.map((name) => startRelay(name, targets, calls, held)))
  const subgraphs = Object.fromEntries(
    relays.map(({ name, url }) => [name, { urls: [url], cookies: name === 'auth' ? ['parley_refresh'] : [] }]),
  )
  const system = await startSystem({
    ...options,
    gateway: { development: false, subgraphs, ...options.gateway },
  })
  for (const name of names) targets[name] = system.subgraphs[name].url
  return {
    ...system,
    calls,
    forget: () => void calls.splice(0),
    hold: (subgraph) => {
      held.add(subgraph)
      return () => void held.delete(subgraph)
    },
    async stop() {
      await system.stop()
      for (const { server } of relays) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function startRelay(name: string, targets: Record<string, string>, calls: SubgraphCall[], held: Set<string>) {
  const server: Server = createServer((incoming, outgoing) => {
    const call: SubgraphCall = { subgraph: name, headers: incoming.headers, body: '', aborted: false }
    const isQuestion = incoming.url?.startsWith('/graphql')
    if (isQuestion) calls.push(call)
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      call.body = Buffer.concat(chunks).toString()
      if (held.has(name)) return
      const { method, headers } = incoming
      const onward = request(`${targets[name]}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      outgoing.on('close', () => onward.destroy())
      onward.end(Buffer.concat(chunks))
    })
    outgoing.on('close', () => {
      call.aborted = !outgoing.writableFinished
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { name, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
