import { afterEach, beforeEach, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { defaultStreamLimits } from '../../gateway/subscriptions/budgets/distinct-streams.ts'
import { createMetrics, type Metrics } from '../../platform/metrics/metrics.ts'
import { samplesOf } from '../metric-samples.ts'
import { asking, cutAll, type Follower, follow, many, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { wordedBy } from './market/wording.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

let metrics: Metrics
let market: Market
let followers: Follower[]

beforeEach(async () => {
  followers = []
  metrics = createMetrics('test')
  // Many sockets of few users, because each follower has one.
  market = await startMarket({ sockets: { ...defaultSocketLimits, socketsPerUser: 100 } }, { metrics })
})
afterEach(async () => {
  cutAll(followers)
  await market.stop()
})

const { variantsPerUser, variantsPerAddress, unsharedPerUser } = defaultStreamLimits
const sample = async (name: string) => samplesOf(await metrics.text(), name)
const refusalOf = (follower: Follower) => {
  const end = follower.end()
  return end?.type === 'error' ? (end.payload as { extensions: Record<string, unknown> }[])[0]?.extensions : undefined
}
const begins = (follower: Follower) =>
  eventually(() => follower.payloads().length > 0 || follower.end() !== undefined, `${follower.name} has an answer`)

/** Selections that give the same of an event in ever another way. */
const tricks = [
  (n: number) => `alias${n}: note`,
  (n: number) => `... { alias${n}: note }`,
  (n: number) => `... on Traded { alias${n}: note }`,
  (n: number) => `... on TradingEvent { ... on Traded { alias${n}: note } }`,
  (n: number) => `stock { alias${n}: symbol company { name${n}: name } }`,
]

it('whatever its subscriptions to the same look like, a user has few streams of it on all sockets', async () => {
  const chosen = fc.sample(fc.constantFrom(...tricks), 60)
  const selections = chosen.map((trick, index) => trick(index))
  followers = await many(selections.length, (index) =>
    startFollowing(market.url, 'ann', asking(`... on Traded { ${selections[index]} }`)),
  )
  for (const follower of followers) await begins(follower)
  const served = followers.filter((follower) => !follower.end())
  expect(served).toHaveLength(variantsPerUser)
  for (const follower of followers) {
    if (served.includes(follower)) continue
    expect(refusalOf(follower)).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      limit: 'stream_variants_per_user',
      allowed: variantsPerUser,
      asked: variantsPerUser + 1,
    })
  }
  expect(await sample('parley_limits_reached_total')).toEqual({
    stream_variants_per_user: selections.length - variantsPerUser,
  })
  // A place is free again as soon as one has ended.
  served[0]?.raw.send({ id: 'trades', type: 'complete' })
  followers.push(await follow(market.url, 'ann', asking('... on Traded { late: note }')))
  expect(followers.at(-1)?.end()).toBeUndefined()
  const last = market.trading.trade('AAA', 3)
  await eventually(() => served.slice(1).every((each) => each.last() === last), 'those that are served get every event')
}, 60_000)

it('however many ask for the same in other words, they are one stream', async () => {
  const selection = { event: ['__typename', 'number', 'cursor'], traded: ['note', 'stock { symbol }'] }
  followers = await many(100, (index) => follow(market.url, `user ${index % 10}`, wordedBy(index, selection)))
  expect(await sample('parley_limits_reached_total')).toEqual({})
  const last = market.trading.trade('AAA', 2)
  await eventually(() => followers.every((each) => each.last() === last), 'everybody gets every event')
}, 60_000)

it('all users of an address together have few variants of the same, and others of that address are served', async () => {
  followers = await many(3 * variantsPerAddress, (index) =>
    startFollowing(market.url, `user ${index}`, asking(`... on Traded { alias${index}: note }`)),
  )
  for (const follower of followers) await begins(follower)
  expect(followers.filter((follower) => !follower.end())).toHaveLength(variantsPerAddress)
  const [served] = followers.filter((follower) => !follower.end()) as [Follower]
  const same = asking(`... on Traded { alias${followers.indexOf(served)}: note }`)
  followers.push(await follow(market.url, 'another user', same))
  expect(followers.at(-1)?.end()).toBeUndefined()
}, 60_000)

it('streams that cannot be shared are bounded for their user, for each thing that they follow', async () => {
  const socket = await connect(market.url, 'ann')
  const open = (on: RawSocket, count: number, symbol: string) => {
    const ids = Array.from({ length: count }, (_, index) => `${symbol} ${index}`)
    for (const id of ids) on.subscribe(id, `subscription { priceChanged(symbol: "${symbol}") { price } }`)
    return ids
  }
  const ids = open(socket, unsharedPerUser + 5, 'AAA')
  await eventually(() => market.streams() === unsharedPerUser, 'as many run as may')
  const errors = () => socket.messages.filter(({ type }) => type === 'error').map(({ id }) => id)
  await eventually(() => errors().length === 5, 'the others are refused')
  expect(errors()).toEqual(ids.slice(unsharedPerUser))
  open(socket, 5, 'BBB')
  const other = await connect(market.url, 'ben')
  open(other, 5, 'AAA')
  await eventually(() => market.streams() === unsharedPerUser + 10, 'others run')
  await Promise.all([socket.close(), other.close()])
  expect(await sample('parley_limits_reached_total')).toEqual({ unshared_streams_per_user: 5 })
  await eventually(async () => (await sample('parley_distinct_streams'))[''] === 0, 'nothing is counted any more')
  expect(defaultSocketLimits.subscriptionsPerSocket).toBeGreaterThan(unsharedPerUser)
}, 60_000)
