import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** How a subscription ended: as the graph says, with its errors, or with its socket. */
export type Ending = { how: 'completed' } | { how: 'errors'; code: string } | { how: 'closed'; code: number }

export interface Subscription {
  ended: Promise<Ending>
  /** Cuts the connection, as a lost network does. */
  cut(): void
  close(): Promise<void>
}

export interface SubscriptionOptions {
  url: string
  accessToken: string
  query: string
  variables: Record<string, unknown>
  onResult(data: Record<string, unknown>, hasErrors: boolean): void
}

const acknowledgeDeadline = 10_000

/** One subscription on a socket of its own. Nothing is kept of it. */
export function subscribe({ url, accessToken, query, variables, onResult }: SubscriptionOptions): Subscription {
  let socket: WebSocket | undefined
  const { promise: ended, resolve } = Promise.withResolvers<Ending>()
  let over = false
  const end = (ending: Ending) => {
    over = true
    resolve(ending)
  }
  class CuttableSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols)
      socket = this
    }
  }
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: CuttableSocket,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    connectionAckWaitTimeout: acknowledgeDeadline,
    retryAttempts: 0,
    onNonLazyError: () => {},
  })
  client.subscribe<Record<string, unknown>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (data && !over) onResult(data, errors !== undefined)
      },
      error: (error) => end(toEnding(error)),
      complete: () => end({ how: 'completed' }),
    },
  )
  return {
    ended,
    cut: () => socket?.terminate(),
    async close() {
      over = true
      // It rejects when the connection had failed.
      await client.dispose()?.catch(() => {})
    },
  }
}

function toEnding(error: unknown): Ending {
  if (Array.isArray(error)) return { how: 'errors', code: error[0]?.extensions?.code ?? 'none' }
  return { how: 'closed', code: (error as { code?: number } | undefined)?.code ?? 0 }
}
