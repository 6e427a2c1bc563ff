import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { within } from '../../platform/lifecycle/within.ts'
import type { Caller } from './operations/send-attack.ts'

/** Somebody who chats while others attack: sends a message at a time, and waits until it comes back over a subscription. */
export interface Bystander {
  /** From send to event, in milliseconds, for each message that was sent until the signal aborts. Those that failed count as lost. */
  chat(signal: AbortSignal): Promise<{ delays: number[]; lost: string[] }>
  close(): void
}

/** How long anything may take before it counts as lost, in milliseconds. */
const timeout = 20_000
/** Between one message and the next, in milliseconds. */
const every = 50

const subscription =
  'subscription ($roomId: ID!) { roomEvents(roomId: $roomId) { ... on MessageSent { message { text sender { displayName } } } } }'
const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }'

/** Rejects when the subscription does not begin. */
export async function openBystander(caller: Caller, roomId: string): Promise<Bystander> {
  const { localAddress } = caller
  const agent = new Agent({ keepAlive: true, ...(localAddress && { localAddress }) })
  const room = await follow(caller, roomId)
  const sayOnce = async (): Promise<number> => {
    const text = randomUUID()
    const start = performance.now()
    const delivered = Promise.all([room.arrival(text), send({ caller, agent, roomId, text })])
    await within(timeout, delivered, `It did not come within ${timeout} ms`)
    return performance.now() - start
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
      room.close()
    },
  }
}

interface FollowedRoom {
  /** Resolves when a message of this text arrives. Rejects when the subscription has ended or ends before. */
  arrival(text: string): Promise<void>
  close(): void
}

/** Subscribes to the room, and resolves with its first event. */
async function follow({ url, accessToken, localAddress }: Caller, roomId: string): Promise<FollowedRoom> {
  const arriving = new Map<string, PromiseWithResolvers<void>>()
  const started = Promise.withResolvers<void>()
  let failure: Error | undefined
  const fail = (error: Error) => {
    failure ??= error
    started.reject(failure)
    for (const { reject } of arriving.values()) reject(failure)
    arriving.clear()
  }
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    ...(localAddress && { localAddress }),
  })
  socket.on('error', fail)
  socket.on('close', (code, reason) => fail(new Error(`The bystander's socket closed with ${code} ${reason}`)))
  socket.on('open', () => {
    const payload = { authorization: `Bearer ${accessToken}` }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
  })
  socket.on('message', (frame: Buffer) => {
    const { type, payload } = JSON.parse(String(frame))
    if (type === 'connection_ack') {
      const query = { query: subscription, variables: { roomId } }
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: query }))
    } else if (type === 'error' || type === 'complete' || payload?.errors) {
      fail(new Error(`The bystander's subscription got ${frame}`))
    } else if (type === 'next') {
      started.resolve()
      const text = payload.data.roomEvents.message?.text
      arriving.get(text)?.resolve()
      arriving.delete(text)
    }
  })
  try {
    await within(timeout, started.promise, `The bystander got no event within ${timeout} ms`)
  } catch (error) {
    socket.terminate()
    throw error
  }
  return {
    async arrival(text) {
      if (failure) throw failure
      const arrived = Promise.withResolvers<void>()
      arriving.set(text, arrived)
      await arrived.promise
    },
    close: () => socket.terminate(),
  }
}

interface Sending {
  caller: Caller
  agent: Agent
  roomId: string
  text: string
}

/** Resolves when the message is acknowledged. */
const send = ({ caller: { url, accessToken }, agent, roomId, text }: Sending) =>
  new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` }
    const asked = request(`${url}/graphql`, { method: 'POST', agent, headers, timeout }, (response) => {
      let answer = ''
      response.on('data', (chunk) => {
        answer += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        if (answer.includes('"duplicate":')) resolve()
        else reject(new Error(`A message was refused with ${response.statusCode}: ${answer}`))
      })
    })
    asked.on('timeout', () => asked.destroy(new Error(`A message was not answered within ${timeout} ms`)))
    asked.on('error', reject)
    const variables = { input: { roomId, text, clientMessageId: text } }
    asked.end(JSON.stringify({ query: mutation, variables }))
  })
