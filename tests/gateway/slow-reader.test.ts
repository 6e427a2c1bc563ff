import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

const maxBacklogBytes = 200_000
const subscription = `subscription {
  priceChanged(symbol: "AAA") { price news { ... on Rumour { text } } stock { company { name } } }
}`

let metrics: Metrics
let market: Market

beforeEach(async () => {
  metrics = createMetrics('test')
  // The one that reads nothing is to see its close when it reads again.
  const sockets = { ...defaultSocketLimits, maxBacklogBytes, closeTimeout: 60_000 }
  market = await startMarket({ sockets }, { metrics })
})
afterEach(() => market.stop())

const sample = async (name: string) => samplesOf(await metrics.text(), name)
const pricesOf = (socket: RawSocket) => socket.nexts('a').map(({ data }) => data.priceChanged.price)

it('a client that stops reading is closed with 4290 within its bound, and nobody else notices', async () => {
  const [reads, stalls] = [await connect(market.url, 'ann'), await connect(market.url, 'ben')]
  for (const socket of [reads, stalls]) socket.subscribe('a', subscription)
  await eventually(() => market.streams() === 2, 'both have subscribed')
  stalls.socket.pause()

  let price = 0
  let most = 0
  const next = async () => {
    market.change('AAA', price, { news: [{ text: 'x'.repeat(100_000) }] })
    price += 1
    await eventually(() => reads.nexts('a').length === price, `event ${price} has come`)
    most = Math.max(most, (await sample('parley_socket_backlog_max_bytes'))[''] ?? 0)
  }
  while (!(await sample('parley_limits_reached_total')).backlog_bytes) {
    if (price > 5_000) throw new Error('It was never closed')
    await next()
  }
  for (let more = 0; more < 20; more += 1) await next()

  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(maxBacklogBytes)
  expect(pricesOf(reads)).toEqual(Array.from({ length: price }, (_, index) => index))

  stalls.socket.resume()
  expect(await stalls.closed).toBe(4290)
  const had = pricesOf(stalls)
  expect(had.length).toBeGreaterThan(0)
  expect(had).toEqual(Array.from({ length: had.length }, (_, index) => index))
  expect(had.length).toBeLessThan(price)
  await eventually(async () => (await sample('parley_sockets'))[''] === 1, 'the socket has gone')
  expect(await sample('parley_socket_closes_total')).toEqual({ 4290: 1 })
  expect(await sample('parley_socket_backlog_bytes')).toEqual({ '': 0 })
  await reads.close()
})
