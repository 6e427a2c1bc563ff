import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { basePoints } from '../../gateway/limits/cost/measure-operation.ts'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect as connectSocket, openSocket } from './raw-socket.ts'

/** Points that were taken, by the budget that they were taken from. */
let taken: Map<string, number>
let market: Market
const countingRateLimit = () => {
  const rateLimit = createMemoryRateLimit()
  const take: typeof rateLimit.take = async (key, rule, calls = 1) => {
    const wait = await rateLimit.take(key, rule, calls)
    if (wait === 0) taken.set(key, (taken.get(key) ?? 0) + calls)
    return wait
  }
  return { ...rateLimit, take }
}
const start = async (pointsPerMinute = { ofUser: 10_000, ofAddress: 10_000 }) => {
  taken = new Map()
  market = await startMarket({ pointsPerMinute }, { rateLimit: countingRateLimit() })
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
  ['a field that is not there', 400, '', { method: 'POST', headers: json, body: '{"query":"{ nothing }"}' }],
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
  expect(await answerToHead(['Authorization: ann'])).toBe('HTTP/1.1 429 Too Many Requests')
  expect(await answerToHead([])).toBe('HTTP/1.1 429 Too Many Requests')
  expect(await upgrade()).toBe(429)
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
