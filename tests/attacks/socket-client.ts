import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { GraphqlError } from '../clients.ts'

/** Asks the graph over a WebSocket of its own: the data or the errors of one operation. */
export async function askSocket(url: string, query: string, accessToken: string, variables = {}) {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    retryAttempts: 0,
    onNonLazyError: () => {},
  })
  const { promise, resolve, reject } = Promise.withResolvers<{ data?: unknown; errors?: GraphqlError[] }>()
  client.subscribe(
    { query, variables },
    {
      next: (reply) => resolve(reply as { data?: unknown; errors?: GraphqlError[] }),
      error: (error) =>
        Array.isArray(error)
          ? resolve({ errors: error as GraphqlError[] })
          : reject(new Error(`The socket closed: ${JSON.stringify(error)}`)),
      complete: () => resolve({}),
    },
  )
  return promise.finally(() => client.dispose())
}

/** Asks for an upgrade to a WebSocket with these headers. Gives the status: 101 when it is granted. */
export async function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', { headers })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  socket.on('open', () => resolve(101))
  socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
  socket.on('error', reject)
  return promise.finally(() => {
    socket.on('error', () => {})
    socket.terminate()
  })
}
