import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { defaultConnectionLimits, defaultSocketLimits, type GatewayConfig } from '../../gateway/config.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect as connectSocket, eventually, openSocket } from './raw-socket.ts'

let metrics: Metrics
let market: Market
const opened: Socket[] = []

const start = async (config: Partial<GatewayConfig>) => {
  metrics = createMetrics('test')
  market = await startMarket(config, { metrics })
}
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await market.stop()
})

const sample = async (name: string) => samplesOf(await metrics.text(), name)
const half = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n'
const open = async (text: string, from?: string) => {
  const socket = connect({ port: Number(new URL(market.url).port), host: '127.0.0.1', localAddress: from })
  opened.push(socket)
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}
const asks = async (name = 'ann') => {
  const body = JSON.stringify({ query: '{ stocks { symbol } }' })
  const headers = { 'content-type': 'application/json', authorization: name }
  return (await fetch(`${market.url}/graphql`, { method: 'POST', headers, body })).status
}

it.each([
  ['nothing', ''],
  ['half a request line', 'GET /gra'],
  ['half of the headers', half],
  ['headers and half a body', `${half}\r\n{"query":`],
  ['a whole request, and holds the connection', 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
])('an address that sends %s on many connections keeps nobody out, itself neither', async (_, text) => {
  await start({ connections: { ...defaultConnectionLimits, perAddress: 20 } })
  const sockets: Socket[] = []
  for (let count = 0; count < 100; count += 1) sockets.push(await open(text))
  await eventually(() => sockets.filter(({ closed }) => closed).length >= 80, 'only so many are held')
  expect((await sample('parley_connections'))['']).toBeLessThanOrEqual(20)
  expect(await asks()).toBe(200)
  expect((await sample('parley_limits_reached_total')).connections_per_address).toBeGreaterThanOrEqual(80)
})

it('the connections of one address take nothing from another, and all together are bounded', async () => {
  await start({ connections: { ...defaultConnectionLimits, perAddress: 10, total: 25 } })
  const others: Socket[] = []
  for (let count = 0; count < 8; count += 1) others.push(await open(half, '127.0.0.2'))
  for (let count = 0; count < 50; count += 1) await open(half)
  await eventually(async () => ((await sample('parley_connections'))[''] ?? 0) <= 18, 'the first address is bounded')
  expect(others.every(({ closed }) => !closed)).toBe(true)
  for (let count = 0; count < 40; count += 1) await open(half, `127.0.1.${count + 1}`)
  await eventually(async () => ((await sample('parley_connections'))[''] ?? 0) <= 25, 'all are bounded')
  expect(await asks()).toBe(200)
})

it('a request that does not get on is given up', async () => {
  await start({ connections: { ...defaultConnectionLimits, headersTimeout: 200 } })
  const socket = await open(half)
  await once(socket, 'close')
  expect(await asks()).toBe(200)
})

it('the connections of a trusted proxy are not those of one client', async () => {
  await start({ connections: { ...defaultConnectionLimits, perAddress: 5 }, trustedProxies: ['127.0.0.1'] })
  const sockets: Socket[] = []
  for (let count = 0; count < 30; count += 1) sockets.push(await open(half))
  expect(await asks()).toBe(200)
  expect(sockets.every(({ closed }) => !closed)).toBe(true)
})

it('WebSockets are bounded for each address, also behind a trusted proxy, and the refusal says how', async () => {
  const sockets = { ...defaultSocketLimits, socketsPerAddress: 6, pendingSockets: { perAddress: 3, total: 5 } }
  await start({ sockets, trustedProxies: ['127.0.0.1'] })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const pending = [await openSocket(market.url, from('2001:db8::1')), await openSocket(market.url, from('2001:db8::2'))]
  const first = await connectSocket(market.url, 'ann', from('2001:db8::3'))
  pending.push(await openSocket(market.url, from('2001:db8::3')))
  // All of them are in one /64.
  await expect(openSocket(market.url, from('2001:db8::ffff:1'))).rejects.toThrow('429')
  pending.push(await openSocket(market.url, from('192.0.2.1')), await openSocket(market.url, from('192.0.2.2')))
  // The address that has most makes room for another, with the socket that it opened first, and gets no more itself.
  pending.push(await openSocket(market.url, from('192.0.2.3')))
  expect(await pending[0]?.closed).toBe(4429)
  expect(pending.slice(1).every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true)
  for (const socket of pending) await socket.close()
  const more = await Promise.all([1, 2, 3, 4, 5].map((n) => connectSocket(market.url, `ann ${n}`, from('2001:db8::1'))))
  await expect(openSocket(market.url, from('2001:db8::1'))).rejects.toThrow('429')
  const other = await connectSocket(market.url, 'ben', from('192.0.2.3'))
  expect(await sample('parley_limits_reached_total')).toEqual({
    pending_sockets_per_address: 1,
    pending_sockets: 1,
    sockets_per_address: 1,
  })
  for (const socket of [first, other, ...more]) await socket.close()
})

const ordinary = (target: string, head = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${head}\r\n`
const posted = (body: string) =>
  `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`

it.each([
  ['a file of the web client', ordinary('/client-connection.ts')],
  ['a page', ordinary('/')],
  ['the health', ordinary('/health/live')],
  ['what is not there', ordinary('/nowhere')],
  ['an address that cannot be decoded', ordinary('/%')],
  ['an operation', posted('{"query":"{ __typename }"}')],
  ['with an expectation that nobody knows', ordinary('/health/live', 'Expect: x\r\n')],
])('a connection that asks for %s hundreds of times at once is closed', async (_, request) => {
  await start({ webRoot: new URL('../../gateway/http', import.meta.url).pathname })
  const socket = await open(request.repeat(500))
  await eventually(() => socket.closed, 'it is closed')
  expect(await sample('parley_limits_reached_total')).toEqual({ pipelined_requests: 1 })
  expect(await asks()).toBe(200)
})

it('a few requests that a connection sends at once are answered in their order', async () => {
  await start({})
  const socket = await open('')
  let answers = ''
  socket.on('data', (data) => {
    answers += data
  })
  for (const times of [1, 2]) {
    socket.write(Array.from({ length: 8 }, (_, index) => ordinary(`/nowhere/${index}`)).join(''))
    await eventually(() => answers.split('HTTP/1.1 404').length > times * 8, 'all are answered')
  }
  expect([...answers.matchAll(/nowhere\/(\d)/g)].map(([, index]) => index).join('')).toBe('0123456701234567')
})
