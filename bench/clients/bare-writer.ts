import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Resources } from '../../platform/lifecycle/resources.ts'

/** Sends to rooms of the bare server; resolves once the server has acknowledged it. */
export async function openBareWriter(resources: Resources, url: string) {
  const socket = new WebSocket(`${url}/`, { perMessageDeflate: false })
  resources.onClose(() => socket.terminate())
  await once(socket, 'open')
  const waiting: (() => void)[] = []
  socket.on('message', () => waiting.shift()?.())
  return (room: string, text: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    socket.send(`${room} ${text}`)
    return promise
  }
}
