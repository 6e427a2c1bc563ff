import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type FastifyInstance, fastify } from 'fastify'
import { refuseOtherMethods, routedPath } from './allowed-methods.ts'

let app: FastifyInstance
const agent = new Agent({ keepAlive: true })
beforeAll(async () => {
  app = fastify({ routerOptions: { ignoreTrailingSlash: true } })
  refuseOtherMethods(app)
  app.get('/graph', async () => 'routed')
  await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  agent.destroy()
  await app.close()
})

const ask = async (path: string, method: string) => {
  const { port } = app.server.address() as AddressInfo
  const asking = request({ port, path, method, agent }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer) }
}

/** A character as itself or as an escape in either case. */
const written = (character: string) => {
  const code = character.charCodeAt(0).toString(16)
  return fc.constantFrom(character, character, `%${code}`, `%${code.toUpperCase()}`)
}
const paths = fc
  .tuple(
    fc.constantFrom('', '', '', 'http://a', 'HTTPS://a:1', 'http://'),
    fc.tuple(...[...'/graph'].map((character) => (character === '/' ? fc.constant('/') : written(character)))),
    fc.constantFrom('', '', '', '/', '%2F', '%2f', '//', ';a', '%25', '%3F', 'x'),
    fc.constantFrom('', '', '?', '?a=%2F', '#', '#/?', '?a#b', '%', '%zz'),
  )
  .map(([origin, letters, end, rest]) => origin + letters.join('') + end + rest)

it('a path is read as the router reads it, and refuses other methods there and nowhere else', async () => {
  await fc.assert(
    fc.asyncProperty(paths, async (path) => {
      const isRouted = (await ask(path, 'GET')).body === 'routed'
      const { status } = await ask(path, 'PUT')
      expect([path, status === 405]).toEqual([path, isRouted])
      if (isRouted) expect(routedPath(path)).toBe('/graph')
    }),
    { numRuns: 300 },
  )
})
