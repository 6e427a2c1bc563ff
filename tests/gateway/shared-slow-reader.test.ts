import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { defaultSharing } from '../../gateway/subscriptions/sharing/shared-streams.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { allReach, asking, cutAll, type Follower, follow, many, range } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { eventually } from './raw-socket.ts'

const ring = { maxFrames: 20, maxBytes: 400_000 }
const note = 'x'.repeat(20_000)
const fields = '... on Traded { note }'

let metrics: Metrics
let market: Market
let followers: Follower[]

beforeEach(async () => {
  metrics = createMetrics('test')
  followers = []
  market = await startMarket(
    {
      sharing: { ...defaultSharing, ring },
      // The one that reads nothing is to see its close when it reads again.
      sockets: { ...defaultSocketLimits, closeTimeout: 60_000 },
    },
    { metrics },
  )
})
afterEach(async () => {
  cutAll(followers)
  await market.stop()
})

const sample = async (name: string) => samplesOf(await metrics.text(), name)
const trade = async (readers: Follower[]) => {
  const last = market.trading.trade('AAA', 1, { note })
  await allReach(readers, last)
  return last
}

it('a client that stops reading is left where it is; when the stream has passed it by it is closed with 4290, and resumes without loss', async () => {
  followers = await many(21, (index) => follow(market.url, `trader ${index}`, asking(fields)))
  const [stalls, ...readers] = followers as [Follower, ...Follower[]]
  await eventually(() => market.trading.open.everyone === 1 && market.trading.open.own === 0, 'all are shared')
  stalls.raw.socket.pause()
  let last = 0
  while (!(await sample('parley_limits_reached_total')).backlog_bytes) {
    if (last > 5_000) throw new Error('It was never closed')
    last = await trade(readers)
    // It takes no more memory than any other, however long it does not read.
    expect((await sample('parley_shared_ring_bytes'))['']).toBeLessThanOrEqual(ring.maxBytes + 2 * note.length)
  }
  for (let more = 0; more < 30; more += 1) last = await trade(readers)
  for (const reader of readers) {
    expect(reader.numbers()).toEqual(range(0, last))
    expect(reader.end()).toBeUndefined()
  }

  stalls.raw.socket.resume()
  expect(await stalls.raw.closed).toBe(4290)
  const had = stalls.numbers()
  expect(had).toEqual(range(0, had.length - 1))
  expect(had.length).toBeLessThan(last)
  const resumed = await follow(market.url, stalls.name, asking(fields, stalls.cursor()))
  followers.push(resumed)
  last = await trade([resumed, ...readers])
  const events = resumed.payloads().filter(({ data }) => data.trades.__typename === 'Traded')
  expect([...had, ...events.map(({ data }) => data.trades.number)]).toEqual(range(0, last))
  expect(await sample('parley_socket_closes_total')).toEqual({ 4290: 1 })
  await eventually(() => market.trading.open.everyone === 1 && market.trading.open.own === 0, 'it shares again')
}, 60_000)

it('a client that reads again in time goes on where it was, as if nothing had been', async () => {
  followers = await many(5, (index) => follow(market.url, `trader ${index}`, asking(fields)))
  const [pauses, ...readers] = followers as [Follower, ...Follower[]]
  await eventually(() => market.trading.open.everyone === 1 && market.trading.open.own === 0, 'all are shared')
  let last = 0
  for (let round = 0; round < 5; round += 1) {
    pauses.raw.socket.pause()
    for (let count = 0; count < ring.maxFrames; count += 1) last = await trade(readers)
    pauses.raw.socket.resume()
    await allReach(followers, last)
  }
  expect(pauses.numbers()).toEqual(range(0, last))
  expect(pauses.end()).toBeUndefined()
  expect(market.trading.opened).toEqual({ own: 5, everyone: 1 })
})

describe('when all rings hold more than they may together', () => {
  const maxTotalBytes = 150_000
  beforeEach(async () => {
    await market.stop()
    metrics = createMetrics('test')
    const sharing = { ...defaultSharing, ring: { maxFrames: 200, maxBytes: 4_000_000 }, maxTotalBytes }
    market = await startMarket({ sharing }, { metrics })
  })

  it('a client that stops reading goes on by itself, and nobody misses an event', async () => {
    followers = await many(6, (index) =>
      follow(market.url, `trader ${index}`, asking(fields, undefined, index % 2 ? 'BBB' : 'AAA')),
    )
    const [stalls, ...readers] = followers as [Follower, ...Follower[]]
    const [ofA, ofB] = [0, 1].map((odd) => readers.filter((_, index) => index % 2 !== odd)) as [Follower[], Follower[]]
    await eventually(() => market.trading.open.everyone === 2 && market.trading.open.own === 0, 'all are shared')
    stalls.raw.socket.pause()
    let last = { AAA: 0, BBB: 0 }
    const tradeBoth = async (a = ofA) => {
      last = { AAA: market.trading.trade('AAA', 1, { note }), BBB: market.trading.trade('BBB', 1, { note }) }
      await allReach(a, last.AAA)
      await allReach(ofB, last.BBB)
      expect((await sample('parley_shared_ring_bytes'))['']).toBeLessThanOrEqual(maxTotalBytes)
    }
    while (market.trading.opened.own === followers.length) {
      if (last.AAA > 5_000) throw new Error('It never went on by itself')
      await tradeBoth()
    }
    expect((await sample('parley_shared_events_dropped_total'))['']).toBeGreaterThan(0)
    for (let more = 0; more < 5; more += 1) await tradeBoth()
    stalls.raw.socket.resume()
    await tradeBoth([...ofA, stalls])
    for (const each of [...ofA, ...ofB]) expect(each.numbers()).toEqual(range(0, each.last() ?? -1))
    const traded = stalls.payloads().filter(({ data }) => data.trades.__typename === 'Traded')
    expect(traded.map(({ data }) => data.trades.number)).toEqual(range(1, last.AAA))
    for (const each of followers) expect(each.end()).toBeUndefined()
    expect(await sample('parley_socket_closes_total')).toEqual({})
    await eventually(() => market.trading.open.everyone === 2 && market.trading.open.own === 0, 'it shares again')
  }, 60_000)
})
