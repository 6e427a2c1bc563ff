import { type ClientOptions, WebSocket } from 'ws'

export interface Message {
  id?: string
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is looked at by the tests.
  payload?: any
}

/** A WebSocket that sends and shows single graphql-transport-ws messages. */
export interface RawSocket {
  socket: WebSocket
  /** Everything that came, in order. */
  messages: Message[]
  /** The payloads of one subscription's `next` messages. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  nexts(id: string): any[]
  send(message: object | string): void
  subscribe(id: string, query: string, variables?: object): void
  /** Gives the first message that fits; waits for it. Throws when the socket closes before, or nothing fits within 20 s. */
  find(fits: (message: Message) => boolean): Promise<Message>
  /** The code that the socket was closed with. */
  closed: Promise<number>
  close(): Promise<void>
}

const wait = 20_000

/** Opens a socket; nothing is sent yet. Rejects when the upgrade is refused. */
export async function openSocket(url: string, options: ClientOptions = {}): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', options)
  const messages: Message[] = []
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const watchers = new Set<() => void>()
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)))
    for (const watcher of watchers) watcher()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const raw: RawSocket = {
    socket,
    messages,
    closed,
    nexts: (id) => messages.filter((message) => message.id === id && message.type === 'next').map((m) => m.payload),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    subscribe: (id, query, variables) => raw.send({ id, type: 'subscribe', payload: { query, variables } }),
    async find(fits) {
      const { promise, resolve, reject } = Promise.withResolvers<Message>()
      const check = () => {
        const found = messages.find(fits)
        if (found) resolve(found)
      }
      const fail = (why: string) => reject(new Error(`${why}. Seen: ${JSON.stringify(messages.slice(-5))}`))
      const timer = setTimeout(() => fail('The message did not come'), wait)
      watchers.add(check)
      check()
      void closed.then((code) => fail(`The socket was closed with ${code}`))
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        watchers.delete(check)
      }
    },
    async close() {
      socket.close()
      await closed
    },
  }
  return raw
}

/** Opens a socket and signs it in. */
export async function connect(url: string, authorization: string, options?: ClientOptions): Promise<RawSocket> {
  const raw = await openSocket(url, options)
  raw.send({ type: 'connection_init', payload: { authorization } })
  await raw.find(({ type }) => type === 'connection_ack')
  return raw
}

/** Waits until the condition holds; checks it again and again. Throws when it does not within 20 s. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + wait
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It did not come to pass: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
