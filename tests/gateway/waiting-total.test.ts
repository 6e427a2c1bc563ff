import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { asking, cutAll, type Follower, many, range, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

const maxTotalBacklogBytes = 2_400_000
const note = 'x'.repeat(30_000)
/** What a socket may hold that is not counted: what its stream asks nobody to wait for, and one event behind it. */
const besides = 16_384 + 2 * note.length

let metrics: Metrics
let market: Market
let followers: Follower[]
let sockets: RawSocket[]

beforeEach(async () => {
  metrics = createMetrics('test')
  ;[followers, sockets] = [[], []]
  // Those that read nothing are to see their close when they read again.
  market = await startMarket(
    { sockets: { ...defaultSocketLimits, maxTotalBacklogBytes, closeTimeout: 60_000, heartbeat: 60_000 } },
    { metrics },
  )
})
afterEach(async () => {
  cutAll(followers)
  for (const { socket } of sockets) socket.terminate()
  await market.stop()
})

const sample = async (name: string) => samplesOf(await metrics.text(), name)
const waiting = async () => (await sample('parley_socket_backlog_bytes'))[''] ?? 0

it('replays of many clients that read nothing wait at their cursors, and are whole when they read again', async () => {
  const count = 12
  const last = market.trading.trade('AAA', 400, { note })
  const question = asking('... on Traded { note }', market.trading.cursorOf('AAA', 0))
  followers = await many(count, async (index) => {
    const follower = await startFollowing(market.url, `trader ${index}`, question)
    follower.raw.socket.pause()
    return follower
  })
  let [most, before] = [0, -1]
  const isStill = async () => {
    const bytes = await waiting()
    most = Math.max(most, bytes)
    const still = bytes === before && bytes > maxTotalBacklogBytes / 2
    before = bytes
    return still
  }
  await eventually(isStill, 'nothing more is read for them')
  expect(most).toBeLessThanOrEqual(maxTotalBacklogBytes / 2 + count * besides)
  expect(await sample('parley_limits_reached_total')).toEqual({})
  for (const { raw } of followers) raw.socket.resume()
  for (const each of followers) {
    await eventually(() => each.numbers().includes(last), 'the last event has come')
    const traded = each.payloads().filter(({ data }) => data.trades.__typename === 'Traded')
    expect(traded.map(({ data }) => data.trades.number)).toEqual(range(1, last))
    expect(each.end()).toBeUndefined()
  }
}, 60_000)

it('of clients that read no answers, those are closed with 4290 for which most waits', async () => {
  const aliases = range(1, 3).map((index) => `a${index}: company(id: $id) { name }`)
  const query = `query ($id: ID!) { ${aliases.join(' ')} }`
  const small = await connect(market.url, 'small')
  const greedy = await many(6, (index) => connect(market.url, `greedy ${index}`))
  sockets = [small, ...greedy]
  for (const { socket } of greedy) socket.pause()
  let most = 0
  for (let round = 0; !(await sample('parley_limits_reached_total')).backlog_total_bytes; round += 1) {
    if (round > 500) throw new Error('Nobody was closed')
    for (const each of greedy) each.subscribe(String(round), query, { id: 'c'.repeat(10_000) })
    small.subscribe(String(round), '{ stock(symbol: "AAA") { price } }')
    await eventually(
      () => small.messages.some(({ id, type }) => id === String(round) && type === 'complete'),
      'answered',
    )
    await eventually(async () => (await sample('parley_socket_operations'))[''] === 0, 'all are answered')
    most = Math.max(most, await waiting())
  }
  expect(most).toBeLessThanOrEqual(maxTotalBacklogBytes * 1.2)
  for (const { socket } of greedy) socket.resume()
  const dropped = (await sample('parley_limits_reached_total')).backlog_total_bytes
  expect(dropped).toBeLessThan(greedy.length)
  await eventually(async () => (await sample('parley_socket_closes_total'))['4290'] === dropped, 'they have gone')
  expect(await sample('parley_socket_closes_total')).toEqual({ 4290: dropped })
  expect(small.socket.readyState).toBe(small.socket.OPEN)
}, 60_000)
