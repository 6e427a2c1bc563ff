import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { defaultSocketLimits, type SocketLimits } from '../../gateway/config.ts'
import { defaultSharing } from '../../gateway/subscriptions/sharing/shared-streams.ts'
import { type Flow, startFlow } from './market/flow.ts'
import { allReach, asking, cutAll, type Follower, follow, many, range, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { eventually } from './raw-socket.ts'

const fields = '... on Traded { note stock { rating } }'
jest.setTimeout(90_000)

const ring = { maxFrames: 64, maxBytes: 1_000_000 }

let market: Market
let flow: Flow | undefined
let followers: Follower[]

const start = async (sockets: Partial<SocketLimits> = {}) => {
  const completed = { maxBytes: 16_000_000, maxAge: 60_000 }
  market = await startMarket({
    sharing: { ...defaultSharing, ring, completed, joinAgainAfter: 20 },
    sockets: { ...defaultSocketLimits, restTimeout: 20_000, ...sockets },
  })
}
beforeEach(() => {
  followers = []
})
afterEach(async () => {
  await flow?.stop()
  cutAll(followers)
  await market.stop()
})

/** Resumes after the event with this number, while events flow. */
const resume = (name: string, number: number) =>
  startFollowing(market.url, name, asking(fields, market.trading.cursorOf('AAA', number)))
const isUpToDate = ({ data }: { data: { trades: { __typename: string } } }) => data.trades.__typename === 'UpToDate'
/** What was missed, the one word that it has come, then what is live. */
const expectWhole = (follower: Follower, after: number, last: number) => {
  const events = follower.payloads().filter((payload) => !isUpToDate(payload))
  expect(events.map(({ data }) => data.trades.number)).toEqual(range(after + 1, last))
  const [place, ...more] = follower.payloads().filter(isUpToDate)
  expect(more).toEqual([])
  const at = follower.payloads().indexOf(place)
  expect(place.data.trades.number).toBe(after + at)
}
const allAreShared = () =>
  eventually(() => market.trading.open.own === 0 && market.trading.open.everyone === 1, 'all share one upstream')

it('clients that resume at any depth while events flow get what they missed, then what is live, once and in order', async () => {
  await start()
  market.trading.trade('AAA', 1_000)
  const events = startFlow(market)
  flow = events
  const depths = await many(24, async (index) => {
    // Within the ring, at its edge, and far behind it.
    const depth = [0, 1, 10, 60, 64, 70, 300, 1_000][index % 8] ?? 0
    const after = Math.max(0, events.last() - depth)
    followers.push(await resume(`trader ${index}`, after))
    return after
  })
  await events.more(50)
  await allAreShared()
  await events.more(50)
  const last = await events.stop()
  await allReach(followers, last)
  for (const [index, follower] of followers.entries()) {
    const after = depths[Number(follower.name.split(' ')[1])] ?? Number.NaN
    expect([index, follower.end()]).toEqual([index, undefined])
    expectWhole(follower, after, last)
  }
  expect(market.trading.open).toEqual({ own: 0, everyone: 1 })
})

it('clients that come and go, again and again, get everything once and in order', async () => {
  await start()
  const events = startFlow(market)
  flow = events
  const stays = await follow(market.url, 'stays', asking(fields))
  followers.push(stays)
  const lives = await many(12, async (index) => {
    const had: number[] = []
    let after = events.last()
    for (let life = 0; life < 6; life += 1) {
      const follower = await resume(`trader ${index}`, after)
      followers.push(follower)
      const enough = (index * 7 + life * 13) % 40
      await eventually(() => follower.payloads().length > enough, `${enough} events have come`)
      follower.raw.socket.terminate()
      const events = follower.payloads().filter((payload) => !isUpToDate(payload))
      had.push(...events.map(({ data }) => data.trades.number))
      after = had.at(-1) ?? after
    }
    return had
  })
  for (const had of lives) {
    expect(had.length).toBeGreaterThan(0)
    expect(had).toEqual(range(had[0] ?? 0, (had[0] ?? 0) + had.length - 1))
  }
  const last = await events.stop()
  await allReach([stays], last)
  const [first = 0] = stays.numbers()
  expect(stays.numbers()).toEqual(range(first, last))
  expect(stays.payloads().map(({ data }) => data.trades.number)).toEqual(range(first, last))
  await eventually(() => market.trading.open.everyone === 1 && market.trading.open.own === 0, 'one upstream is left')
})

it('clients that come back together are given the same history, each event completed at most once', async () => {
  await start()
  const last = market.trading.trade('AAA', 300)
  followers = await many(30, (index) => resume(`trader ${index}`, index % 3))
  await allReach(followers, last)
  await allAreShared()
  for (const [index, follower] of followers.entries()) expectWhole(follower, index % 3, last)
  expect(market.entityCalls.length).toBeGreaterThan(0)
  expect(market.entityCalls.length).toBeLessThanOrEqual(300)
})

it('a client that missed more than may wait for it is given all of it on the same socket', async () => {
  await start({ maxBacklogBytes: 30_000 })
  const note = 'x'.repeat(500)
  for (let count = 0; count < 400; count += 1) market.trading.trade('AAA', 1, { note })
  const follower = await resume('far behind', 0)
  followers.push(follower)
  await allReach(followers, 400)
  await allAreShared()
  const last = market.trading.trade('AAA')
  await allReach(followers, last)
  expectWhole(follower, 0, last)
  expect(follower.end()).toBeUndefined()
  // The gateway could not keep up with what it asked for, and asked again.
  expect(market.trading.opened.own).toBeGreaterThan(1)
})
