import { createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, type SubscribePayload } from 'graphql-ws/client'
import { closed, type GraphQLErrorLike, type Loss, lostWithoutAWord } from './after-loss.ts'
import type { Clock } from './clock.ts'
import { type AnswerTime, startHeartbeat } from './heartbeat.ts'

/** What is needed of a WebSocket: a browser's, Node's, or the `ws` package's. */
export interface SocketLike {
  readonly readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'close' | 'error', listener: () => void): void
  /** The `ws` package's: ends the connection without the other side. */
  terminate?(): void
}

export type SocketConstructor = new (url: string, protocol: string) => SocketLike

export interface SubscriptionResult {
  data?: unknown
  errors?: readonly GraphQLErrorLike[]
}

export interface SubscriptionSink {
  next(result: SubscriptionResult): void
  error(errors: readonly GraphQLErrorLike[]): void
  complete(): void
}

/** One socket. */
export interface Connection {
  /** From `onReady` on. The sink hears nothing once the connection is lost or closed. Gives what ends the subscription. */
  subscribe(payload: SubscribePayload, sink: SubscriptionSink): () => void
  /** Tells the server a newer access token. */
  bring(token: string): void
  /** Asks the server whether it is there. */
  check(): void
  /** Takes leave, without a word from `onLost`. Resolves when nothing is left of it. */
  close(): Promise<void>
}

export interface ConnectionOptions {
  url: string
  token: string
  webSocketImpl: SocketConstructor
  clock: Clock
  answerTime: AnswerTime
  onReady(): void
  /** Called once. */
  onLost(loss: Loss): void
}

const readyWithin = 10_000
const closedWithin = 1_000
const open = 1
const badResponse = 4004
const authorization = (token: string) => ({ authorization: `Bearer ${token}` })

/**
 * Opens a socket, with a graphql-ws client of its own. An old socket may still have something to say, its close up to half a
 * minute late; a client that is used for the next one would take that for the new socket's, and one that goes on by itself
 * would subscribe again with an old cursor. Throws what the constructor of the WebSocket throws.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { url, token, webSocketImpl, clock, answerTime, onReady, onLost } = options
  const socket = new webSocketImpl(url, GRAPHQL_TRANSPORT_WS_PROTOCOL)
  const gone = new Promise<void>((resolve) => socket.addEventListener('close', resolve))
  // graphql-ws takes its own listener away at the end, and an error that nobody listens to is thrown by the `ws` package.
  socket.addEventListener('error', () => {})

  let isOver = false
  const ping = (payload?: Record<string, unknown>) => {
    if (socket.readyState === open) socket.send(JSON.stringify({ type: MessageType.Ping, payload }))
  }
  const noAnswer = () => lose(closed(lostWithoutAWord, 'There was no answer in time'))
  const cancelDeadline = clock.schedule(noAnswer, readyWithin)
  const heartbeat = startHeartbeat({ clock, answerTime, ping, onDead: noAnswer })

  const client = createClient({
    url,
    webSocketImpl: givenSocket(socket),
    // Connects at once, and leaves the socket open: whether it is still needed is decided elsewhere.
    lazy: false,
    retryAttempts: 0,
    connectionParams: authorization(token),
    onNonLazyError: () => {},
    on: {
      connected: () => {
        cancelDeadline()
        if (!isOver) onReady()
      },
      message: heartbeat.heard,
      // The close that follows an error may take its time. An `Error` is about a message that was none.
      error: (error) =>
        lose(
          error instanceof Error ? closed(badResponse, error.message) : closed(lostWithoutAWord, 'The socket failed'),
        ),
      closed: (event) => {
        const { code, reason } = event as { code: number; reason: string }
        lose(closed(code, reason))
      },
    },
  })

  const end = () => {
    isOver = true
    cancelDeadline()
    heartbeat.stop()
    // Otherwise it would begin anew after a close with 1000.
    client.terminate()
  }
  const cut = () => (socket.terminate ? socket.terminate() : socket.close())
  const lose = (loss: Loss) => {
    if (isOver) return
    end()
    cut()
    onLost(loss)
  }
  return {
    subscribe: (payload, sink) =>
      client.subscribe(payload, {
        next: (result) => !isOver && sink.next(result),
        // Anything else than errors of the graph is the end of the connection.
        error: (errors) => !isOver && sink.error(errors as GraphQLErrorLike[]),
        complete: () => !isOver && sink.complete(),
      }),
    bring: (newer) => ping(authorization(newer)),
    check: heartbeat.check,
    close() {
      if (isOver) return Promise.resolve()
      socket.close(1000, 'Normal closure')
      end()
      return new Promise((resolve) => {
        const cancel = clock.schedule(() => {
          cut()
          resolve()
        }, closedWithin)
        void gone.then(() => {
          cancel()
          resolve()
        })
      })
    },
  }
}

/** graphql-ws makes its sockets by itself; this makes it take the one that is there. */
function givenSocket(socket: SocketLike) {
  function Given() {
    return socket
  }
  return Object.assign(Given, { CONNECTING: 0, OPEN: open, CLOSING: 2, CLOSED: 3 })
}
