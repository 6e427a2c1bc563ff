import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import type { Link } from '../failures/link.ts'
import { samplesOf } from '../metric-samples.ts'
import { asking, type Follower, range, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'
import { startSlowLink, whileBytesMove } from './slow-link.ts'

// As 15 s are to a link of 20 kB/s: much longer than the heartbeat for each of the events below.
const heartbeat = 600
const bytesPerSecond = 500_000
const large = 2_400_000
const prices = 'subscription { priceChanged(symbol: "AAA") { price news { ... on Rumour { text } } } }'

let metrics: Metrics
let market: Market
let links: Link[]

beforeEach(async () => {
  links = []
  metrics = createMetrics('test')
  market = await startMarket({ sockets: { ...defaultSocketLimits, heartbeat, closeTimeout: 100 } }, { metrics })
})
afterEach(async () => {
  for (const link of links) link.close()
  await market.stop()
})

const sample = async (name: string) => samplesOf(await metrics.text(), name)
const slow = async () => {
  const link = await startSlowLink(market.url, bytesPerSecond)
  links.push(link)
  return link
}
const pricesOf = (socket: RawSocket, id: string) => socket.nexts(id).map(({ data }) => data.priceChanged.price)

describe('a client on a slow link', () => {
  it('gets an event that takes many heartbeats, whole, and what else comes on its socket', async () => {
    const link = await slow()
    const socket = await connect(link.url, 'ann')
    socket.subscribe('a', prices)
    await eventually(() => market.streams() === 1, 'it has subscribed')
    market.change('AAA', 1, { news: [{ text: 'x'.repeat(large) }] })
    await eventually(() => link.bytes() > 100_000, 'the event is on its way')
    // Far more than may wait together with the large one, were that counted.
    for (let price = 2; price <= 8; price += 1) market.change('AAA', price, { news: [{ text: 'y'.repeat(100_000) }] })
    socket.send({ type: 'ping' })
    await whileBytesMove(link, () => pricesOf(socket, 'a').length === 8, 'all events have come')
    expect(pricesOf(socket, 'a')).toEqual(range(1, 8))
    expect(socket.nexts('a')[0].data.priceChanged.news[0].text).toHaveLength(large)
    expect(socket.messages.some(({ type }) => type === 'pong')).toBe(true)
    // What is on its way still comes on a socket that was cut: only something new shows that it was not.
    market.change('AAA', 9)
    await eventually(() => pricesOf(socket, 'a').at(-1) === 9, 'it goes on')
    expect(await sample('parley_limits_reached_total')).toEqual({})
    await socket.close()
  }, 60_000)

  it('gets the large first events of many subscriptions, one after the other', async () => {
    const link = await slow()
    const socket = await connect(link.url, 'ann')
    const ids = range(1, 6).map(String)
    for (const id of ids) socket.subscribe(id, prices)
    await eventually(() => market.streams() === ids.length, 'all have subscribed')
    market.change('AAA', 7, { news: [{ text: 'x'.repeat(600_000) }] })
    await whileBytesMove(link, () => ids.every((id) => socket.nexts(id).length === 1), 'all events have come')
    market.change('AAA', 8)
    for (const id of ids) await eventually(() => socket.nexts(id).length === 2, 'it goes on')
    for (const id of ids) expect(pricesOf(socket, id)).toEqual([7, 8])
    expect(await sample('parley_limits_reached_total')).toEqual({})
    await socket.close()
  }, 60_000)

  it('is replayed everything it has missed, once and in order, and is up to date then', async () => {
    const note = 'x'.repeat(30_000)
    const last = market.trading.trade('AAA', 100, { note })
    const link = await slow()
    const start = market.trading.cursorOf('AAA', 0)
    const follower: Follower = await startFollowing(link.url, 'ann', asking('... on Traded { note }', start))
    await whileBytesMove(link, () => follower.numbers().includes(last), 'the last event has come')
    const more = market.trading.trade('AAA', 1, { note: 'live' })
    await eventually(() => follower.last() === more, 'it goes on')
    const traded = follower.payloads().filter(({ data }) => data.trades.__typename === 'Traded')
    expect(traded.map(({ data }) => data.trades.number)).toEqual(range(1, more))
    expect(follower.end()).toBeUndefined()
    await follower.raw.close()
  }, 60_000)

  it.each([
    ['messages', (socket: RawSocket) => socket.send({ type: 'pong' })],
    ['pongs that answer no ping', ({ socket }: RawSocket) => socket.pong()],
    ['pongs with payloads of its own', ({ socket }: RawSocket) => socket.pong(Buffer.alloc(4))],
  ])(
    'that takes nothing is cut, even while it sends %s',
    async (_, sendOne) => {
      const direct = await connect(market.url, 'ben')
      const socket = await connect(market.url, 'ann')
      socket.socket.pause()
      const sending = setInterval(() => sendOne(socket), heartbeat / 4)
      await eventually(async () => (await sample('parley_sockets'))[''] === 1, 'it was cut')
      clearInterval(sending)
      expect(direct.socket.readyState).toBe(direct.socket.OPEN)
      socket.socket.terminate()
      await direct.close()
    },
    60_000,
  )
})
