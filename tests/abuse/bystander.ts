import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Caller } from './operations/send-attack.ts'

/** Somebody who chats while others attack: sends a message at a time, and waits until it comes back over a subscription. */
export interface Bystander {
  /** From send to event, in milliseconds, for each message that was sent until the signal aborts. Those that failed count as lost. */
  chat(signal: AbortSignal): Promise<{ delays: number[]; lost: string[] }>
  close(): void
}

/** How long a message may take before it counts as lost, in milliseconds. */
const patience = 20_000
/** Between one message and the next, in milliseconds. */
const every = 50

const subscription =
  'subscription ($roomId: ID!) { roomEvents(roomId: $roomId) { ... on MessageSent { message { text sender { displayName } } } } }'
const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }'

export async function openBystander(caller: Caller, roomId: string): Promise<Bystander> {
  const { url, accessToken, localAddress } = caller
  const authorization = `Bearer ${accessToken}`
  const agent = new Agent({ keepAlive: true, ...(localAddress && { localAddress }) })
  const arrived = new Map<string, () => void>()
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    ...(localAddress && { localAddress }),
  })
  const started = Promise.withResolvers<void>()
  socket.on('error', started.reject)
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })))
  socket.on('message', (frame: Buffer) => {
    const { type, payload } = JSON.parse(String(frame))
    if (type === 'connection_ack') {
      const query = { query: subscription, variables: { roomId } }
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: query }))
    } else if (type === 'next') {
      started.resolve()
      arrived.get(payload.data?.roomEvents.message?.text)?.()
    }
  })
  await started.promise

  const send = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization }
      const asked = request(`${url}/graphql`, { method: 'POST', agent, headers, timeout: patience }, (response) => {
        let answer = ''
        response.on('data', (chunk) => {
          answer += chunk
        })
        response.on('end', () => (answer.includes('"duplicate":') ? resolve() : reject(new Error(answer))))
      })
      asked.on('error', reject)
      const variables = { input: { roomId, text, clientMessageId: text } }
      asked.end(JSON.stringify({ query: mutation, variables }))
    })
  const sayOnce = async (): Promise<number> => {
    const text = randomUUID()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(`It did not come within ${patience} ms`)), patience)
    arrived.set(text, resolve)
    const start = performance.now()
    try {
      await Promise.all([promise, send(text)])
      return performance.now() - start
    } finally {
      clearTimeout(timer)
      arrived.delete(text)
    }
  }
  return {
    async chat(signal) {
      const delays: number[] = []
      const lost: string[] = []
      while (!signal.aborted) {
        try {
          delays.push(await sayOnce())
        } catch (error) {
          lost.push(String(error))
        }
        await pause(every)
      }
      return { delays, lost }
    },
    close() {
      agent.destroy()
      socket.terminate()
    },
  }
}
