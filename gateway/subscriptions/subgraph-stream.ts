import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Passports, passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import type { RefusalReport } from '../../platform/peers/refusal-report.ts'
import { createReplicas } from '../upstreams/replicas.ts'

export interface SubgraphStreamOptions {
  name: string
  /** Its replicas. */
  urls: string[]
  passports: Passports
  refusals?: Pick<RefusalReport, 'refused'>
  /** Milliseconds from an answer of a replica to the next ping. */
  keepAlive?: number
  /** Milliseconds that it may take to answer; then its connection is given up. */
  pongDeadline?: number
}

/** Where the subscriptions of a subgraph run. */
export type SubgraphStream = Pick<Client, 'subscribe' | 'dispose'>

/**
 * Subscribes at a subgraph, at its replicas in turn. A replica that cannot be reached is left alone for a while, and a subscription
 * that has not begun is opened at the next one; one that has begun ends, and its client resumes.
 */
export function createSubgraphStream(options: SubgraphStreamOptions): SubgraphStream {
  const { name, urls, passports, refusals, keepAlive = 5_000, pongDeadline = 5_000 } = options
  const clients = urls.map((url) => openStream({ name, url, passports, refusals, keepAlive, pongDeadline }))
  const replicas = createReplicas(clients)
  // One name may stand for several: the second try may reach another.
  const mostTries = Math.max(2, replicas.count)
  return {
    subscribe(payload, sink) {
      let end = () => {}
      let ended = false
      const open = (tries: number) => {
        const replica = replicas.next()
        let begun = false
        end = replica.part.subscribe(payload, {
          next(event) {
            begun = true
            sink.next(event as never)
          },
          error(error) {
            const isRefusal = Array.isArray(error)
            if (!isRefusal) replica.rest()
            if (isRefusal || begun || ended || tries >= mostTries) sink.error(error)
            else open(tries + 1)
          },
          complete: () => sink.complete(),
        })
      }
      open(1)
      return () => {
        ended = true
        end()
      }
    },
    // One that is just being opened rejects when that fails.
    dispose: async () => void (await Promise.allSettled(clients.map((client) => client.dispose()))),
  }
}

/** One WebSocket to a replica, opened while subscriptions need it; it carries those of many viewers. */
function openStream(options: Omit<SubgraphStreamOptions, 'urls'> & { url: string }): SubgraphStream {
  const { name, url, passports, refusals, keepAlive, pongDeadline } = options
  class SubgraphSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      // The upgrade request has no body; the passport is made for that.
      super(address, protocols, {
        headers: { [passportHeader]: passports.issue(name, '') },
        perMessageDeflate: false,
        handshakeTimeout: 5_000,
      })
      this.on('unexpected-response', (_, response) => {
        const reason = response.headers[refusalHeader]
        if (reason) refusals?.refused(name, url, String(reason))
        this.terminate()
      })
    }
  }
  let pongTimer: NodeJS.Timeout | undefined
  let running = 0
  /** Nothing runs any more, so graphql-ws closes the connection. */
  let isClosing = false
  const client = createClient({
    url: new URL('/graphql', url.replace(/^http/, 'ws')).href,
    webSocketImpl: SubgraphSocket,
    // Clients resume with their cursor: nothing is re-sent behind their back.
    retryAttempts: 0,
    connectionAckWaitTimeout: 5_000,
    keepAlive,
    onNonLazyError: () => {},
    on: {
      message: () => {
        isClosing = false
      },
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), pongDeadline)
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer)
      },
      closed: (event) => {
        clearTimeout(pongTimer)
        // After a close with 1000 graphql-ws would re-send them all the same.
        if (!isClosing && (event as { code?: number }).code === 1000) client.terminate()
      },
    },
  })
  return {
    subscribe(payload, sink) {
      let ended = false
      const end = () => {
        if (ended) return
        ended = true
        running -= 1
        isClosing = running === 0
      }
      running += 1
      const dispose = client.subscribe<never>(payload, {
        next: (event) => sink.next(event as never),
        error(error) {
          end()
          sink.error(error)
        },
        complete() {
          end()
          sink.complete()
        },
      })
      return () => {
        end()
        dispose()
      }
    },
    dispose: client.dispose,
  }
}
