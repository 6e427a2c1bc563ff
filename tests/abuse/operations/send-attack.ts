import { request } from 'node:http'
import { WebSocket } from 'ws'
import type { Knobs } from './knobs.ts'

/** What is sent, and how. */
export interface SentOperation {
  query: string
  variables: Record<string, unknown>
  operationName: unknown
  knobs: Pick<Knobs, 'root' | 'transport'>
}

/** Where attacks come from: one account, at one address. */
export interface Caller {
  url: string
  accessToken: string
  /** The address to call from. */
  localAddress?: string
}

/** What became of an attack: the status or close code, and how many bytes the answer had. */
export interface Outcome {
  ended: string
  bytes: number
}

/** How long an answer is waited for, in milliseconds: past the time that an operation may run. */
const deadline = 20_000

/** Sends the attack and waits for the answer: of a subscription, for its first event. Never rejects. */
export const sendAttack = (attack: SentOperation, caller: Caller): Promise<Outcome> =>
  attack.knobs.root === 'subscription' || attack.knobs.transport === 'socket'
    ? overSocket(attack, caller)
    : overHttp(attack, caller)

function overHttp({ query, variables, operationName }: SentOperation, { url, accessToken, localAddress }: Caller) {
  const body = JSON.stringify({ query, variables, operationName })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` }
  return new Promise<Outcome>((resolve) => {
    const options = { method: 'POST', headers, localAddress, signal: AbortSignal.timeout(deadline) }
    const asked = request(`${url}/graphql`, options, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('error', (error) => resolve({ ended: codeOf(error), bytes }))
      response.on('end', () => resolve({ ended: String(response.statusCode), bytes }))
    })
    asked.on('error', (error) => resolve({ ended: codeOf(error), bytes: 0 }))
    asked.end(body)
  })
}

function overSocket({ query, variables, operationName }: SentOperation, { url, accessToken, localAddress }: Caller) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
    ...(localAddress && { localAddress }),
  })
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let bytes = 0
  const end = (ended: string) => {
    clearTimeout(timer)
    resolve({ ended, bytes })
    socket.terminate()
  }
  const timer = setTimeout(() => end('timeout'), deadline)
  socket.on('error', (error) => end(codeOf(error)))
  socket.on('close', (code) => end(String(code)))
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${accessToken}` } }))
  })
  socket.on('message', (frame: Buffer) => {
    bytes += frame.length
    const type = /"type":"(\w+)"/.exec(frame.subarray(0, 400).toString())?.[1]
    if (type === 'connection_ack') {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables, operationName } }))
    } else if (type !== 'ping') end(type ?? 'unreadable')
  })
  return promise
}

const codeOf = (error: Error & { code?: string }) => error.code ?? error.name
