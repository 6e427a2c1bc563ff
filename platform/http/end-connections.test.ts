import { Agent, get } from 'node:http'
import { expect, it } from '@jest/globals'
import { fastify } from 'fastify'
import { endConnectionsOnClose } from './end-connections.ts'

it('answers what is running while it closes, and keeps no connection after that', async () => {
  const arrived = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const app = fastify({ forceCloseConnections: 'idle' })
  endConnectionsOnClose(app)
  app.get('/', async () => {
    arrived.resolve()
    await answer.promise
    return 'done'
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true })
  const reply = new Promise<{ text: string; connection: string | undefined }>((resolve, reject) => {
    get(url, { agent }, async (response) => {
      const text = (await response.toArray()).join('')
      resolve({ text, connection: response.headers.connection })
    }).on('error', reject)
  })
  await arrived.promise
  const closed = app.close()
  // `preClose` runs in a later turn: the answer must not overtake it.
  await new Promise(setImmediate)
  answer.resolve()
  expect(await reply).toEqual({ text: 'done', connection: 'close' })
  await closed
  agent.destroy()
})
