import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

/** A subscription that a client asked for, and the hands to answer it well or badly. */
export interface AskedSubscription {
  id: string
  variables: Record<string, unknown>
  query: string
  next(event: unknown, errors?: unknown): void
  refuse(extensions: Record<string, unknown>): void
  complete(): void
}

/** A client's connection, as the test's server sees it. */
export interface Visit {
  /** The token of `connection_init`. */
  authorization: unknown
  /** The next subscription that the client asks for. */
  subscription(): Promise<AskedSubscription>
  /** Is called with each subscription, when it is set. */
  onSubscription?: (asked: AskedSubscription) => void
  /** The next token that comes by ping. */
  broughtToken(): Promise<unknown>
  /** The ids that the client completed. */
  completed: string[]
  /** How many pings without a token have come. */
  pings(): number
  send(frame: string | Buffer): void
  /** What is sent in there arrives at once. */
  inOneWrite(send: () => void): void
  close(code: number): void
  /** Ends the connection as a lost network does. */
  cut(): void
  /** Reads and answers nothing any more, and does not close either. */
  freeze(): void
  thaw(): void
  /** Resolves when the client has met everything that was sent to it, and the answers to what it has sent. */
  roundTrip(): Promise<void>
  /** The code that the client closed with, or 1006. */
  closed: Promise<number>
}

export interface BadServer {
  url: string
  acks: boolean
  answersPings: boolean
  /** The next client that connects. */
  visit(): Promise<Visit>
  connections(): number
  close(): Promise<void>
}

const patience = 5_000

/** Waits until the condition holds; throws when it does not in time. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + patience; !condition(); ) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** graphql-transport-ws as badly as the test wants it. Left alone, it acknowledges, answers pings, and says nothing else. */
export async function startBadServer(port = 0): Promise<BadServer> {
  const sockets = new WebSocketServer({ port, host: '127.0.0.1' })
  await once(sockets, 'listening')
  const visits = arrivals<Visit>('a client connects')
  const server: BadServer = {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    acks: true,
    answersPings: true,
    visit: visits.next,
    connections: () => sockets.clients.size,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => sockets.close(resolve))
    },
  }
  sockets.on('connection', (socket: WebSocket, { socket: tcp }: { socket: Socket }) => {
    const subscriptions = arrivals<AskedSubscription>('the client subscribes')
    const tokens = arrivals<unknown>('the client brings a token')
    let pings = 0
    const send = (message: unknown) => socket.send(JSON.stringify(message))
    const visit: Visit = {
      authorization: undefined,
      subscription: subscriptions.next,
      broughtToken: tokens.next,
      completed: [],
      pings: () => pings,
      send: (frame) => socket.send(frame),
      inOneWrite(work) {
        tcp.cork()
        work()
        tcp.uncork()
      },
      close: (code) => socket.close(code, 'by the test'),
      cut: () => void tcp.destroy(),
      freeze: () => void tcp.pause(),
      thaw: () => void tcp.resume(),
      // The client's WebSocket answers these by itself. The first brings all that the client has sent, the second follows the answers.
      async roundTrip() {
        for (let trip = 0; trip < 2; trip++) {
          socket.ping()
          await once(socket, 'pong', { signal: AbortSignal.timeout(patience) })
        }
      },
      closed: new Promise((resolve) => socket.once('close', resolve)),
    }
    const onSubscription = (asked: AskedSubscription) =>
      visit.onSubscription ? visit.onSubscription(asked) : subscriptions.add(asked)
    const onMessage = ({ type, id, payload }: Message) => {
      switch (type) {
        case 'connection_init':
          visit.authorization = payload?.authorization
          if (server.acks) send({ type: 'connection_ack' })
          return visits.add(visit)
        case 'ping':
          if (payload?.authorization) tokens.add(payload.authorization)
          else pings += 1
          return server.answersPings && send({ type: 'pong' })
        case 'subscribe':
          return onSubscription({
            id,
            variables: payload?.variables as Record<string, unknown>,
            query: payload?.query as string,
            next: (event, errors) => send({ id, type: 'next', payload: { data: { roomEvents: event }, errors } }),
            refuse: (extensions) => send({ id, type: 'error', payload: [{ message: 'No.', extensions }] }),
            complete: () => send({ id, type: 'complete' }),
          })
        case 'complete':
          return visit.completed.push(id)
      }
    }
    socket.on('message', (data: RawData) => onMessage(JSON.parse(String(data))))
    socket.on('error', () => {})
  })
  return server
}

interface Message {
  type: string
  id: string
  payload?: Record<string, unknown>
}

/** What arrives, one at a time; `next` waits for it, but not for ever. */
function arrivals<T>(what: string) {
  const arrived: T[] = []
  return {
    add: (item: T) => void arrived.push(item),
    async next() {
      await until(what, () => arrived.length > 0)
      return arrived.shift() as T
    },
  }
}
