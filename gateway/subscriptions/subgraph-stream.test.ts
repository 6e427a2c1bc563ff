import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { buildSchema, GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { createPassports } from '../../platform/identity/passport.ts'
import { createSubgraphStream, type SubgraphStream } from './subgraph-stream.ts'

const passports = createPassports(['a key that is long enough for a passport'])
const schema = buildSchema('type Query { a: Int } type Subscription { ticks: Int, refused: Int }')
const nobody = 'http://127.0.0.1:9'

describe('the stream to a subgraph of several replicas', () => {
  let server: WebSocketServer
  let url: string
  let stream: SubgraphStream
  let openings: number

  beforeEach(async () => {
    openings = 0
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' })
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const roots = {
      subscription: {
        async *ticks() {
          openings += 1
          yield { ticks: 1 }
          await new Promise(() => {})
        },
      },
    }
    const onSubscribe = (_: unknown, __: string, { query }: { query: string }) => {
      if (!query.includes('refused')) return
      openings += 1
      return [new GraphQLError('no')]
    }
    useServer({ schema, roots, onSubscribe }, server)
  })
  afterEach(async () => {
    await stream.dispose()
    for (const client of server.clients) client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  const subscribe = (field: string) => {
    const { promise: first, resolve } = Promise.withResolvers<unknown>()
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
    const stop = stream.subscribe(
      { query: `subscription { ${field} }` },
      { next: resolve, error: end, complete: () => end(undefined) },
    )
    return { first, ended, stop }
  }

  it('opens a subscription at the next one when the first cannot be reached', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [nobody, url], passports })
    for (let round = 0; round < 4; round += 1) expect(await subscribe('ticks').first).toEqual({ data: { ticks: 1 } })
    expect(openings).toBe(4)
  })

  it('gives up when none can be reached', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [nobody, nobody], passports })
    expect(Array.isArray(await subscribe('ticks').ended)).toBe(false)
  })

  it('does not open again what has begun: its client resumes', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [url, url], passports })
    const { first, ended } = subscribe('ticks')
    await first
    for (const client of server.clients) client.terminate()
    await ended
    expect(openings).toBe(1)
  })

  it('does not ask another for what one has refused', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [url, url], passports })
    expect(await subscribe('refused').ended).toMatchObject([{ message: 'no' }])
    expect(openings).toBe(1)
  })

  it('does not open again what has begun when its server closes as if all were done', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [url], passports })
    const { first, ended } = subscribe('ticks')
    await first
    for (const client of server.clients) client.close(1000)
    expect(Array.isArray(await ended)).toBe(false)
    expect(openings).toBe(1)
    expect(await subscribe('ticks').first).toEqual({ data: { ticks: 1 } })
  })

  it('opens a connection again that it closed itself', async () => {
    stream = createSubgraphStream({ name: 'stocks', urls: [url], passports })
    for (let round = 1; round <= 3; round += 1) {
      const { first, ended, stop } = subscribe('ticks')
      await first
      stop()
      await ended
    }
    const next = subscribe('ticks')
    expect(await next.first).toEqual({ data: { ticks: 1 } })
    expect(openings).toBe(4)
  })

  it('can be disposed of while a replica does not answer', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const reached = once(silent, 'connection') as Promise<[Socket]>
    stream = createSubgraphStream({
      name: 'stocks',
      urls: [`http://127.0.0.1:${(silent.address() as AddressInfo).port}`],
      passports,
    })
    void subscribe('ticks')
    const [connection] = await reached
    const disposed = stream.dispose()
    connection.destroy()
    await expect(disposed).resolves.toBeUndefined()
    silent.close()
  })
})
