import { type Client, createClient } from 'graphql-ws'
import type { Session } from '../session/session.ts'

const keepAlive = 10_000
const deadAfter = 5_000
/** Keeps the socket while the viewer goes from one room to the next. */
const lazyCloseTimeout = 3_000

/**
 * The one WebSocket of this page, opened when something is followed. It tells the server every new access token.
 */
export function createLiveClient(session: Session): Client {
  let socket: WebSocket | undefined
  let toldToken: string | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined

  const client = createClient({
    url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
    lazy: true,
    lazyCloseTimeout,
    keepAlive,
    connectionAckWaitTimeout: 10_000,
    // Followers resume by themselves, from the newest cursor.
    retryAttempts: 0,
    connectionParams: async () => {
      toldToken = await session.freshToken()
      return { authorization: `Bearer ${toldToken}` }
    },
    on: {
      connected: (opened) => {
        socket = opened as WebSocket
        tellToken()
      },
      closed: () => {
        clearTimeout(deadline)
        socket = undefined
      },
      ping: (received) => {
        if (received) return
        clearTimeout(deadline)
        deadline = setTimeout(() => client.terminate(), deadAfter)
      },
      pong: (received) => {
        if (received) clearTimeout(deadline)
      },
    },
  })

  const tellToken = () => {
    const token = session.accessToken()
    if (!socket || !token || token === toldToken) return
    toldToken = token
    socket.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${token}` } }))
  }

  session.subscribe(tellToken)
  return client
}
