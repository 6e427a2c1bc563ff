import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Resources } from '../../platform/lifecycle/resources.ts'

/** Sends to rooms of the bare server; resolves once the server has acknowledged it, and throws when it is gone. */
export async function openBareWriter(resources: Resources, url: string) {
  const socket = new WebSocket(`${url}/`, { perMessageDeflate: false })
  resources.onClose(() => socket.terminate())
  const waiting: { resolve(): void; reject(error: Error): void }[] = []
  let problem: Error | undefined
  socket.on('message', () => waiting.shift()?.resolve())
  socket.on('error', (error) => {
    problem = error
  })
  socket.on('close', (code) => {
    const gone = new Error(`The bare server is gone: closed with ${code}`, { cause: problem })
    for (const { reject } of waiting.splice(0)) reject(gone)
  })
  await once(socket, 'open')
  return (room: string, text: string): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push({ resolve, reject })
    socket.send(`${room} ${text}`, (error) => {
      if (error) reject(error)
    })
    return promise
  }
}
