import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Passports, passportHeader } from '../../platform/identity/passport.ts'

export interface SubgraphStreamOptions {
  name: string
  url: string
  passports: Passports
}

const pongDeadline = 5_000

/** One WebSocket to a subgraph, opened while subscriptions need it; it carries those of many viewers. */
export function createSubgraphStream({ name, url, passports }: SubgraphStreamOptions): Client {
  class SubgraphSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      // The upgrade request has no body; the passport is made for that.
      super(address, protocols, {
        headers: { [passportHeader]: passports.issue(name, '') },
        perMessageDeflate: false,
        handshakeTimeout: 5_000,
      })
    }
  }
  let pongTimer: NodeJS.Timeout | undefined
  const client = createClient({
    url: new URL('/graphql', url.replace(/^http/, 'ws')).href,
    webSocketImpl: SubgraphSocket,
    // Clients resume with their cursor: nothing is re-sent behind their back.
    retryAttempts: 0,
    connectionAckWaitTimeout: 5_000,
    keepAlive: 10_000,
    onNonLazyError: () => {},
    on: {
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), pongDeadline)
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer)
      },
      closed: () => clearTimeout(pongTimer),
    },
  })
  return client
}
