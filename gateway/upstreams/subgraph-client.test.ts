import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import type { GatewayContext } from '../context.ts'
import { createSubgraphClient, type SubgraphClient, type SubgraphClientOptions } from './subgraph-client.ts'

const passports = createPassports(['a key that is long enough for a passport'])
const log = () => {}
const logger = { debug: log, info: log, warn: log, error: log }
let server: Server | undefined
let client: SubgraphClient | undefined

async function setUp(answer: RequestListener, cookies: string[] = []): Promise<void> {
  server = createServer(answer)
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = createSubgraphClient({ name: 'stocks', urls: [url], cookies, passports, logger })
}
afterEach(async () => {
  server?.closeAllConnections()
  await client?.close()
  await new Promise((closed) => (server ? server.close(closed) : closed(undefined)))
})

const ask = (variables: object = {}, context: Partial<GatewayContext> = {}) =>
  client?.process({
    request: { query: '{ a }', variables },
    context: { viewer: 'anonymous', signal: AbortSignal.timeout(20_000), ...context },
  } as never)
const away = { code: 'UNAVAILABLE', retryAfter: 1 }

it('sends the operation with a passport for its body, and who asks from where', async () => {
  let seen: { headers: Record<string, unknown>; body: string } | undefined
  await setUp(async (request, response) => {
    seen = { headers: request.headers, body: (await request.toArray()).join('') }
    response.setHeader('set-cookie', 'a=b').end('{"data":{"a":1}}')
  })
  const kept: string[] = []
  const result = await ask(
    { n: 1 },
    {
      authorization: 'Bearer x',
      clientIp: '192.0.2.1',
      userAgent: 'tests',
      cookies: 'c=d',
      setCookie: (cookie) => kept.push(cookie),
    },
  )
  expect(result).toEqual({ data: { a: 1 } })
  expect(JSON.parse(seen?.body ?? '')).toEqual({ query: '{ a }', variables: { n: 1 } })
  const passport = seen?.headers[passportHeader]
  expect(passports.accepts('stocks', passport)).toBe(true)
  expect(passports.accepts('other', passport)).toBe(false)
  expect(passports.covers(String(passport), seen?.body ?? '')).toBe(true)
  expect(seen?.headers).toMatchObject({ authorization: 'Bearer x', 'x-client-ip': '192.0.2.1', 'user-agent': 'tests' })
  // This subgraph has nothing to do with cookies.
  expect([seen?.headers.cookie, kept]).toEqual([undefined, []])
})

it.each([
  ['a=1', 'a=1'],
  ['other=secret; a=1; b = "2;3"; session=secret', 'a=1; b = "2'],
  ['aa=1; A=1; =a; a; xa=2', undefined],
  ['a=1; a=2', 'a=1; a=2'],
  ['', undefined],
])('passes the named cookies on both ways, and no others: %j', async (sent, passedOn) => {
  let cookie: string | undefined
  await setUp(
    (request, response) => {
      cookie = request.headers.cookie
      response.setHeader('set-cookie', ['a=b; Path=/', 'other=d', 'b=', 'ab=c']).end('{"data":{}}')
    },
    ['a', 'b'],
  )
  const kept: string[] = []
  await ask({}, { cookies: sent, setCookie: (value) => kept.push(value) })
  expect([cookie, kept]).toEqual([passedOn, ['a=b; Path=/', 'b=']])
})

it('passes on the errors of the subgraph, whatever the status', async () => {
  await setUp((_, response) => {
    response.statusCode = 401
    response.end('{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}')
  })
  expect(await ask()).toMatchObject({ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] })
})

it.each([
  ['garbage', 200, '<html>'],
  ['nothing', 200, ''],
  ['an error page', 500, 'Internal Server Error at 10.0.0.7'],
  ['JSON without a result', 500, '{"message":"oops"}'],
])('is UNAVAILABLE when it answers with %s', async (_, status, body) => {
  await setUp((__, response) => {
    response.statusCode = status
    response.end(body)
  })
  const result = await ask()
  expect(result).toMatchObject({ data: null, errors: [{ extensions: away }] })
  expect(JSON.stringify(result)).not.toContain('10.0.0.7')
})

it('is UNAVAILABLE when the connection is cut, at the path of every entity that was asked for', async () => {
  await setUp((request) => request.socket.destroy())
  const result = await ask({ representations: [{ id: 1 }, { id: 2 }] })
  expect(result?.errors).toMatchObject([
    { path: ['_entities', 0], extensions: away },
    { path: ['_entities', 1], extensions: away },
  ])
})

it('is UNAVAILABLE when nobody listens', async () => {
  await setUp(() => {})
  await new Promise((closed) => server?.close(closed))
  expect(await ask()).toMatchObject({ data: null, errors: [{ extensions: away }] })
})

it('gives up the call when the deadline of the operation is over', async () => {
  const deadline = new AbortController()
  const cut = Promise.withResolvers<void>()
  await setUp((_, response) => {
    response.on('close', cut.resolve)
    deadline.abort()
  })
  expect(await ask({}, { signal: deadline.signal })).toMatchObject({ data: null, errors: [{ extensions: away }] })
  await cut.promise
})

describe('of two replicas', () => {
  const servers: Server[] = []
  const listen = async (answer: RequestListener) => {
    const listening = createServer(answer)
    servers.push(listening)
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  }
  afterEach(async () => {
    for (const each of servers.splice(0)) {
      each.closeAllConnections()
      await new Promise((resolve) => each.close(resolve))
    }
  })
  const sound: RequestListener = (_, response) => response.end('{"data":{"a":1}}')
  const nobody = 'http://127.0.0.1:9'
  /** Asks four times, so that each replica has its turn. */
  const answers = async (query: string, urls: string[], more: Partial<SubgraphClientOptions> = {}) => {
    client = createSubgraphClient({ name: 'stocks', urls, passports, logger, ...more })
    const replies: unknown[] = []
    for (let round = 0; round < 4; round += 1) {
      const context = { signal: AbortSignal.timeout(20_000) }
      replies.push(await client.process({ request: { query, variables: {} }, context } as never))
    }
    return replies
  }
  const whole = Array(4).fill({ data: { a: 1 } })

  it.each(['{ a }', 'mutation { a }'])('the other is asked when one is not there: %s', async (query) => {
    expect(await answers(query, [nobody, await listen(sound)])).toEqual(whole)
  })

  it.each(['{ a }', 'mutation { a }'])('the other is asked when one is closing: %s', async (query) => {
    const closing: RequestListener = (_, response) =>
      response.writeHead(503).end('{"error":"Service Unavailable","message":"Service Unavailable","statusCode":503}')
    expect(await answers(query, [await listen(closing), await listen(sound)])).toEqual(whole)
  })

  /** Takes a request, and breaks the connection. */
  const cutOff = (count: { taken: number }): RequestListener => {
    return (request) => {
      count.taken += 1
      request.socket.destroy()
    }
  }

  it('the other is asked a query that one took and did not answer, and no mutation: it may have been done', async () => {
    const count = { taken: 0 }
    const urls = [await listen(cutOff(count)), await listen(sound)]
    expect(await answers('{ a }', urls)).toEqual(whole)
    count.taken = 0
    const replies = await answers('mutation { a }', urls)
    expect(count.taken).toBe(1)
    expect(replies.filter((reply) => (reply as { data: unknown }).data === null)).toHaveLength(1)
  })

  it.each([
    ['mutation { a }', 0],
    ['mutation Named($x: Int) { n: a(x: $x) { b } a }', 0],
    ['mutation { b }', 1],
    ['mutation { a b }', 1],
  ])('the other is asked an idempotent mutation, all of it: %s', async (query, unanswered) => {
    const urls = [await listen(cutOff({ taken: 0 })), await listen(sound)]
    const replies = await answers(query, urls, { isIdempotent: (field) => field === 'a' })
    expect(replies.filter((reply) => (reply as { data: unknown }).data === null)).toHaveLength(unanswered)
  })

  it.each([
    ['a query', '{ a }', 2],
    ['an idempotent mutation', 'mutation { a }', 20],
    ['another mutation', 'mutation { b }', 1],
  ])('%s that breaks every connection is made so often, and no more', async (_, query, times) => {
    const count = { taken: 0 }
    const urls = [await listen(cutOff(count))]
    client = createSubgraphClient({ name: 'stocks', urls, isIdempotent: (field) => field === 'a', passports, logger })
    const context = { signal: AbortSignal.timeout(25_000) }
    expect(await client.process({ request: { query }, context } as never)).toMatchObject({ data: null })
    expect(count.taken).toBe(times)
  })

  it('none is asked what the caller gave up', async () => {
    let taken = 0
    const caller = new AbortController()
    const slow: RequestListener = (request) => {
      if (request.url !== '/graphql') return
      taken += 1
      caller.abort()
    }
    client = createSubgraphClient({ name: 'stocks', urls: [await listen(slow), await listen(slow)], passports, logger })
    expect(await ask({}, { signal: caller.signal })).toMatchObject({ data: null, errors: [{ extensions: away }] })
    expect(taken).toBe(1)
  })

  it('one that answers nothing at all is given up, and its work is not given to the other', async () => {
    let taken = 0
    const frozen: RequestListener = () => {}
    const counting: RequestListener = (request, response) => {
      if (request.url === '/graphql') taken += 1
      sound(request, response)
    }
    const replies = await answers('{ a }', [await listen(frozen), await listen(counting)], { heartbeat: 20 })
    expect(replies.filter((reply) => (reply as { data: unknown }).data === null)).toHaveLength(1)
    expect(taken).toBe(3)
  })

  it('one that is slow, and says that it lives, is waited for', async () => {
    let probes = 0
    const waiting: (() => void)[] = []
    const slow: RequestListener = (request, response) => {
      if (request.url === '/graphql') return void waiting.push(() => response.end('{"data":{"a":1}}'))
      response.writeHead(404).end()
      probes += 1
      if (probes === 3) for (const answer of waiting) answer()
    }
    client = createSubgraphClient({ name: 'stocks', urls: [await listen(slow)], passports, heartbeat: 20, logger })
    expect(await ask()).toEqual({ data: { a: 1 } })
  })

  it('one whose answer stalls is given up', async () => {
    const stalling: RequestListener = (_, response) => void response.writeHead(200).write('{"data":')
    client = createSubgraphClient({ name: 'stocks', urls: [await listen(stalling)], passports, heartbeat: 20, logger })
    expect(await ask()).toMatchObject({ data: null, errors: [{ extensions: away }] })
  })
})
