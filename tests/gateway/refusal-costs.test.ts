import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { defaultSocketLimits, type GatewayConfig } from '../../gateway/config.ts'
import { basePoints, pointsOfRefusedSelection } from '../../gateway/limits/cost/measure-operation.ts'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect as connectSocket, eventually, openSocket } from './raw-socket.ts'

/** Points that were taken, by the budget that they were taken from. */
let taken: Map<string, number>
/** How often a budget was asked, whether it had enough or not. */
let asked: number
let market: Market
const countingRateLimit = () => {
  const rateLimit = createMemoryRateLimit()
  const take: typeof rateLimit.take = async (key, rule, calls = 1) => {
    asked += 1
    const wait = await rateLimit.take(key, rule, calls)
    if (wait === 0) taken.set(key, (taken.get(key) ?? 0) + calls)
    return wait
  }
  return { ...rateLimit, take }
}
const start = async (pointsPerMinute = { ofUser: 10_000, ofAddress: 10_000 }, more: Partial<GatewayConfig> = {}) => {
  taken = new Map()
  asked = 0
  market = await startMarket({ pointsPerMinute, ...more }, { rateLimit: countingRateLimit() })
}
beforeEach(() => start())
afterEach(() => market.stop())

const json = { 'content-type': 'application/json' }
const query = JSON.stringify({ query: '{ __typename }' })
const refusals: [string, number, string, RequestInit][] = [
  ['a method', 405, '', { method: 'PUT', headers: json, body: query }],
  ['a compressed body', 415, '', { method: 'POST', headers: { ...json, 'content-encoding': 'gzip' }, body: query }],
  ['a media type', 415, '', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: query }],
  ['what it accepts', 406, '', { method: 'POST', headers: { ...json, accept: 'image/png' }, body: query }],
  ['a large body', 413, '', { method: 'POST', headers: json, body: JSON.stringify({ query: 'x'.repeat(200_000) }) }],
  ['an empty body', 400, '', { method: 'POST', headers: json, body: '' }],
  ['broken JSON', 400, '', { method: 'POST', headers: json, body: '{"query":' }],
  ['bytes that are no text', 400, '', { method: 'POST', headers: json, body: Buffer.from([0xff, 0xfe]) }],
  ['a batch', 400, '', { method: 'POST', headers: json, body: `[${query}]` }],
  ['a body that is no object', 400, '', { method: 'POST', headers: json, body: '7' }],
  ['broken variables in an address', 400, '?query={__typename}&variables={', {}],
  ['a parameter that is given twice', 400, '?query={a}&query={b}', {}],
  ['broken syntax', 400, '', { method: 'POST', headers: json, body: '{"query":"{"}' }],
]
const user = { authorization: 'ann' }

describe.each(refusals)('a request that is refused for %s', (_, status, search, init) => {
  it('costs the base, of the user, or of the address when nobody is signed in', async () => {
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(`${market.url}/graphql${search}`, {
        ...init,
        headers: { ...init.headers, ...headers },
      })
      expect(answer.status).toBe(status)
      await answer.text()
    }
    await ask({})
    expect([...taken]).toEqual([['points:address:127.0.0.1', basePoints]])
    await ask(user)
    // What is refused for its method is not looked at any further.
    const payers =
      status === 405 ? ['points:address:127.0.0.1'] : ['points:user:ann', 'points:users-of-address:127.0.0.1']
    for (const payer of payers) expect(taken.get(payer)).toBe(payers.length > 1 ? basePoints : 2 * basePoints)
  })
})

const walkedFor: [string, number, string][] = [
  ['a field that is not there', 1, '{ nothing }'],
  ['a field that is not there among others', 100, `{ nothing ${'__typename '.repeat(99)}}`],
  [
    'a field that is not there in a fragment that comes often',
    40,
    `{ ${'...f '.repeat(20)}} fragment f on Query { nothing }`,
  ],
  ['a repeated field, where the walk ended', 41, `{ ${'a { b } '.repeat(190)}}`],
  ['a selection too many', 401, `{ ${'__typename '.repeat(900)}}`],
]
it.each(walkedFor)(
  'an operation that is refused for %s costs more for each selection walked',
  async (_, selections, query) => {
    const init = { method: 'POST', headers: json, body: JSON.stringify({ query }) }
    const answer = await fetch(`${market.url}/graphql`, init)
    expect(answer.status).toBe(400)
    expect([...taken]).toEqual([['points:address:127.0.0.1', basePoints + pointsOfRefusedSelection * selections]])
  },
)

/** Sends a path as it is: `fetch` would tidy it up. */
const send = (path: string, method: string, headers: Record<string, string>, body: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(market.url)
    const asking = request({ hostname, port, path, method, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode))
    })
    asking.once('error', reject).end(body)
  })

const spellings = ['/%67raphql', '/gr%61phql/', '/graphql#fragment', '/graphql/?a=b', 'http://elsewhere/graphql']
const refusedHere: [fault: string, status: number, method: string, headers: Record<string, string>][] = [
  ['a broken body', 400, 'POST', json],
  ['a media type', 415, 'POST', { 'content-type': 'text/plain' }],
  ['what it accepts', 406, 'POST', { ...json, accept: 'image/png' }],
  ['a header that is too long', 431, 'POST', { ...json, cookie: 'x'.repeat(9_000) }],
  ['its method', 405, 'PUT', json],
  ['its method, which no route has', 405, 'PROPFIND', json],
  ['its origin', 403, 'OPTIONS', { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' }],
]
it.each(spellings)(
  'a request to %s, which is the path of the graph, costs the base when it is refused',
  async (path) => {
    for (const [fault, status, method, headers] of refusedHere) {
      taken.clear()
      expect([fault, await send(path, method, headers, '{')]).toEqual([fault, status])
      expect([fault, ...taken]).toEqual([fault, ['points:address:127.0.0.1', basePoints]])
    }
  },
)

it('a request to any other path costs nothing', async () => {
  for (const path of ['/Graphql', '/graphql%2F', '/graphql/x', '//graphql', '/x?/graphql', '/graphql%']) {
    expect([path, [400, 404].includes((await send(path, 'POST', json, '{')) ?? 0)]).toEqual([path, true])
  }
  expect(asked).toBe(0)
})

/** The first line of what is answered to a head without its body. */
const answerToHead = (headers: string[]) =>
  new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(market.url)
    const socket = connect(Number(port), hostname)
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 90000',
    ]
    socket.on('error', reject)
    socket.on('data', (data) => {
      resolve(String(data).split('\r\n')[0] ?? '')
      socket.destroy()
    })
    socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n`)
  })

const upgrade = (path = '/graphql', headers: Record<string, string> = {}) =>
  new Promise<number | undefined>((resolve, reject) => {
    const socket = new WebSocket(`${market.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers })
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('error', reject)
  })

it.each([
  ['/nowhere', {}, 404],
  ['/graphql', { origin: 'https://elsewhere.example' }, 403],
  ['/graphql', {}, 101],
])('an upgrade to %s with the headers %j costs the base', async (path, headers, status) => {
  expect(await upgrade(path, headers)).toBe(status)
  expect([...taken]).toEqual([['points:address:127.0.0.1', basePoints]])
})

it('a caller without points is refused before the body comes, and so is an upgrade', async () => {
  await market.stop()
  await start({ ofUser: 2 * basePoints, ofAddress: 10_000 })
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(`${market.url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body: '{' })
    return { status: answer.status, ...(await answer.json()) }
  }
  // The third finds nothing left, whatever else it is refused for; what comes after it is not read.
  for (const headers of [user, {}]) for (let count = 0; count < 3; count += 1) await ask(headers)
  expect(await ask(user)).toMatchObject({
    status: 429,
    errors: [{ extensions: { limit: 'points_per_minute', asked: basePoints, allowed: 2 * basePoints } }],
  })
  // What is remembered of callers without points is enough: no budget is asked again, and neighbours pay nothing for them.
  const [before, neighbours] = [asked, taken.get('points:users-of-address:127.0.0.1')]
  expect(await answerToHead(['Authorization: ann'])).toBe('HTTP/1.1 429 Too Many Requests')
  expect(await answerToHead([])).toBe('HTTP/1.1 429 Too Many Requests')
  expect(await send('/graphql', 'PUT', json, '{')).toBe(405)
  expect(await upgrade()).toBe(429)
  expect([asked, taken.get('points:users-of-address:127.0.0.1')]).toEqual([before, neighbours])
})

it('a user without points opens no more operations on a WebSocket than it may have, and no budget is asked about that', async () => {
  await market.stop()
  const subscriptionsPerSocket = 1
  await start({ ofUser: 1_500, ofAddress: 10_000 }, { sockets: { ...defaultSocketLimits, subscriptionsPerSocket } })
  const socket = await connectSocket(market.url, user.authorization)
  const errorOf = async (id: string) => {
    const { payload } = await socket.find((message) => message.id === id)
    return payload[0].extensions.limit
  }
  socket.subscribe('only', 'subscription { priceChanged(symbol: "AAA") { price } }')
  await eventually(async () => market.streams() === 1, 'the stream runs')
  const limits: string[] = []
  for (let count = 0; limits.at(-1) !== 'points_per_minute'; count += 1) {
    socket.subscribe(`more ${count}`, '{ __typename }')
    limits.push(await errorOf(`more ${count}`))
  }
  expect(new Set(limits)).toEqual(new Set(['subscriptions_per_socket', 'points_per_minute']))
  const before = asked
  socket.subscribe('last', '{ __typename }')
  expect(await errorOf('last')).toBe('points_per_minute')
  expect(asked).toBe(before)
  await socket.close()
})

it('a user without points signs in on no WebSocket; one who has signed in before stays', async () => {
  await market.stop()
  await start({ ofUser: 2 * basePoints, ofAddress: 10_000 })
  const before = await connectSocket(market.url, user.authorization)
  for (let count = 0; count < 3; count += 1) {
    await (await fetch(`${market.url}/graphql`, { method: 'POST', headers: { ...json, ...user }, body: '{' })).text()
  }
  const after = await openSocket(market.url)
  const reason = once(after.socket, 'close').then(([code, bytes]) => `${code} ${bytes}`)
  after.send({ type: 'connection_init', payload: user })
  expect(await reason).toMatch(/^4429 points_per_minute: .*Try again in \d+ s\.$/)
  before.send({ type: 'ping', payload: user })
  await before.find(({ type }) => type === 'pong')
  await before.close()
})
