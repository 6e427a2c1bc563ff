import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

const maxEventBytes = 10_000
const subscription = `subscription {
  priceChanged(symbol: "AAA") { price stock { rating } news { ... on Rumour { about { name } } } }
}`

let metrics: Metrics
let market: Market
let socket: RawSocket

beforeEach(async () => {
  metrics = createMetrics('test')
  market = await startMarket({ sockets: { ...defaultSocketLimits, maxEventBytes } }, { metrics })
  socket = await connect(market.url, 'ann')
  socket.subscribe('a', subscription)
  await eventually(() => market.streams() === 1, 'it has subscribed')
})
afterEach(async () => {
  await socket.close()
  await market.stop()
})

const changeWithNames = (price: number, length: number) =>
  market.change('AAA', price, { news: [{ text: '', about: { id: 'c'.repeat(length) } }] })
const limitsReached = async () => samplesOf(await metrics.text(), 'parley_limits_reached_total')

it('an event whose replies are larger than one may have goes out without them, and the next is whole', async () => {
  changeWithNames(1, maxEventBytes * 2)
  changeWithNames(2, 100)
  await eventually(() => socket.nexts('a').length === 2, 'both have come')
  const [large, small] = socket.nexts('a')
  expect(large.data.priceChanged).toMatchObject({ price: 1, news: [{ about: { name: null } }] })
  expect(large.errors[0]).toMatchObject({
    extensions: { code: 'BAD_USER_INPUT', limit: 'response_bytes', allowed: maxEventBytes },
  })
  expect(small.data.priceChanged).toMatchObject({ price: 2, news: [{ about: { name: `Company ${'c'.repeat(100)}` } }] })
  expect(small.errors).toBeUndefined()
  expect(await limitsReached()).toEqual({ event_bytes: 1 })
})

it('an event that comes close to what its replies may have is whole', async () => {
  changeWithNames(1, maxEventBytes - 1_000)
  await eventually(() => socket.nexts('a').length === 1, 'it has come')
  expect(socket.nexts('a')[0].errors).toBeUndefined()
  expect(await limitsReached()).toEqual({})
})
