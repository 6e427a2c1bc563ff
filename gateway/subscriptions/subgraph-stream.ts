import { type Client, createClient } from 'graphql-ws'
import { type Passports, passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import type { RefusalReport } from '../../platform/peers/refusal-report.ts'
import { type BoundedSocket, boundedSocket, longestClose, type SocketWatch } from '../upstreams/bounded-socket.ts'
import { createReplicas } from '../upstreams/replicas.ts'

export interface SubgraphStreamOptions {
  name: string
  /** Its replicas. */
  urls: string[]
  passports: Passports
  refusals?: Pick<RefusalReport, 'refused'>
  /**
   * How long a replica may leave the gateway without a sign of life, in milliseconds: while a connection opens, and while subscriptions run on
   * it. Then the connection is given up.
   */
  heartbeat?: number
}

/** Where the subscriptions of a subgraph run. */
export type SubgraphStream = Pick<Client, 'subscribe' | 'dispose'>

/**
 * Subscribes at a subgraph, at its replicas in turn. A replica that cannot be reached is left alone for a while, and a subscription
 * that has not begun is opened at the next one; one that has begun ends, and its client resumes.
 */
export function createSubgraphStream(options: SubgraphStreamOptions): SubgraphStream {
  const { name, urls, passports, refusals, heartbeat = 5_000 } = options
  const clients = urls.map((url) => openStream({ name, url, passports, refusals, heartbeat }))
  const replicas = createReplicas(clients)
  let isDisposed = false
  return {
    subscribe(payload, sink) {
      const beganAt = performance.now()
      /** One name may stand for several: what failed at once may reach another by it; what was waited for is not waited for twice. */
      const mayTryAgain = (tries: number) =>
        tries < replicas.count || (tries === 1 && performance.now() - beganAt < heartbeat / 2)
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
            if (isRefusal || begun || ended || isDisposed || !mayTryAgain(tries)) sink.error(error)
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
    async dispose() {
      isDisposed = true
      // One that is just being opened rejects when that fails.
      await Promise.allSettled(clients.map((client) => client.dispose()))
    },
  }
}

/** One WebSocket to a replica, opened while subscriptions need it; it carries those of many viewers. */
function openStream(options: Omit<SubgraphStreamOptions, 'urls'> & { url: string; heartbeat: number }): SubgraphStream {
  const { name, url, passports, refusals, heartbeat } = options
  let running = 0
  /** Nothing runs any more, so graphql-ws closes the connection. */
  let isClosing = false
  let watch: SocketWatch | undefined
  const client = createClient({
    url: new URL('/graphql', url.replace(/^http/, 'ws')).href,
    webSocketImpl: boundedSocket({
      heartbeat,
      // The upgrade request has no body; the passport is made for that.
      headers: () => ({ [passportHeader]: passports.issue(name, '') }),
      onRefused(response) {
        const reason = response.headers[refusalHeader]
        if (reason) refusals?.refused(name, url, String(reason))
      },
    }),
    // Clients resume with their cursor: nothing is re-sent behind their back.
    retryAttempts: 0,
    // The socket itself bounds how long it opens.
    connectionAckWaitTimeout: 0,
    // A ping and the wait for its pong together take one heartbeat.
    keepAlive: heartbeat / 2,
    onNonLazyError: () => {},
    on: {
      connected: (socket) => {
        watch = (socket as BoundedSocket).acknowledged(() => client.terminate())
      },
      message: () => {
        isClosing = false
      },
      ping: (received) => {
        if (!received) watch?.expectLife()
      },
      pong: (received) => {
        if (received) watch?.isAlive()
      },
      closed: (event) => {
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
    async dispose() {
      // It waits for a connection that is being opened.
      const timer = setTimeout(() => client.terminate(), longestClose)
      await Promise.resolve(client.dispose()).finally(() => clearTimeout(timer))
    },
  }
}
