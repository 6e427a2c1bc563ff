import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from '@jest/globals'
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

describe('a connection that would hold the server open', () => {
  const start = async () => {
    const app = fastify({ forceCloseConnections: 'idle' })
    endConnectionsOnClose(app, { requestPatience: 20, answerPatience: 60 })
    const arrived = Promise.withResolvers<void>()
    app.addHook('onRequest', async () => arrived.resolve())
    app.post('/', async () => 'done')
    app.get('/never', () => new Promise(() => {}))
    await app.listen({ host: '127.0.0.1', port: 0 })
    const connection = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    connection.on('error', () => {}).resume()
    const accepted = once(app.server, 'connection')
    await once(connection, 'connect')
    await accepted
    return { app, connection, arrived: arrived.promise }
  }

  it.each(['', 'POST / HTTP/1.1\r\nHost: here\r\n'])('is ended when nothing, or only %j, has come', async (sent) => {
    const { app, connection } = await start()
    connection.write(sent)
    const ended = new Promise((resolve) => connection.once('close', resolve))
    await app.close()
    await ended
  })

  it.each([
    ['whose body does not come', 'POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n'],
    ['that is never answered', 'GET /never HTTP/1.1\r\nHost: here\r\n\r\n'],
  ])('is ended after a request %s', async (_, sent) => {
    const { app, connection, arrived } = await start()
    connection.write(sent)
    await arrived
    const ended = new Promise((resolve) => connection.once('close', resolve))
    await app.close()
    await ended
  })
})
