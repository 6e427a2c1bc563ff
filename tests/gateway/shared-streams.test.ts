import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { allReach, asking, cutAll, type Follower, follow, many, range } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { type Selection, wordedBy } from './market/wording.ts'
import { connect, eventually } from './raw-socket.ts'

const count = 500
const selections: Selection[] = [
  { event: ['number', 'cursor'], traded: ['note', 'stock { rating }'] },
  { event: ['number', '__typename', '... on TraderLeft { trader }'], traded: ['stock { company { name } }', 'note'] },
  { event: ['number', 'cursor', '__typename'], traded: ['note', 'stock { company { called: name country } }'] },
]
const selectionOf = (index: number) => index % selections.length

describe('five hundred sockets that ask for the same in three ways', () => {
  let market: Market
  let crowd: Follower[]
  /** The number of the last event. */
  let last = 0

  beforeAll(async () => {
    market = await startMarket({ sockets: { ...defaultSocketLimits, restTimeout: 20_000 } })
    // Every trader has two sockets.
    crowd = await many(count, (index) => {
      const selection = selections[selectionOf(index)] as Selection
      return follow(market.url, `trader ${index % (count / 2)}`, wordedBy(index, selection))
    })
    await allAreShared()
  }, 120_000)
  afterAll(async () => {
    cutAll(crowd)
    await market.stop()
  })
  beforeEach(() => {
    market.entityCalls.length = 0
  })

  const allAreShared = () =>
    eventually(() => market.trading.open.own === 0 && market.trading.open.everyone > 0, 'all are shared')
  const listening = () => crowd.filter((each) => each.end() === undefined)
  const numbersOf = (followers: Follower[]) => new Set(followers.map((each) => each.numbers().join()))
  /** What came since the event `after`, of the followers with each selection. */
  const since = (after: number, selection: number) =>
    listening()
      .filter((each) => selectionOf(crowd.indexOf(each)) === selection)
      .map((each) => each.payloads().filter(({ data }) => data.trades.number > after))

  it('have three upstreams', () => {
    expect(market.trading.open).toEqual({ own: 0, everyone: 3 })
  })

  it('get every event once and in order, completed at most once for each selection', async () => {
    last = market.trading.trade('AAA', 10, { note: 'all at once' })
    await allReach(crowd, last)
    for (let more = 0; more < 20; more += 1) {
      last = market.trading.trade('AAA', 1, { note: `by itself, ${more}` })
      await new Promise(setImmediate)
    }
    await allReach(crowd, last)
    expect(numbersOf(crowd)).toEqual(new Set([range(0, 30).join()]))
    // Fewer where several wait for the same answer.
    expect(market.entityCalls.length).toBeLessThanOrEqual(3 * 30)
    expect(new Set(market.entityCalls)).toEqual(new Set([1]))
    expect(market.trading.open).toEqual({ own: 0, everyone: 3 })
  })

  it('get the same content, and nothing of what the gateway was told with it', () => {
    const [trade] = [{ note: 'all at once', number: 10 }]
    const contents = [
      { ...trade, cursor: 'AAA#10', stock: { rating: 'AAA+' } },
      { ...trade, __typename: 'Traded', stock: { company: { name: 'Company c0' } } },
      {
        ...trade,
        __typename: 'Traded',
        cursor: 'AAA#10',
        stock: { company: { called: 'Company c0', country: 'Nowhere' } },
      },
    ]
    for (const [index, follower] of crowd.entries()) {
      expect(follower.payloads().find(({ data }) => data.trades.number === 10)).toEqual({
        data: { trades: contents[selectionOf(index)] },
      })
    }
    const messages = crowd.flatMap(({ raw }) => raw.messages)
    expect(new Set(messages.flatMap((message) => Object.keys(message)))).toEqual(new Set(['type', 'id', 'payload']))
    const payloads = crowd.flatMap((each) => each.payloads())
    expect(new Set(payloads.flatMap((payload) => Object.keys(payload)))).toEqual(new Set(['data']))
  })

  it('get an event of which a part cannot be had, with null and an error there, and all that follows', async () => {
    market.broken.add('c0')
    const bad = market.trading.trade('AAA')
    await allReach(crowd, bad)
    market.broken.clear()
    const before = last
    last = market.trading.trade('AAA')
    await allReach(crowd, last)
    expect(numbersOf(crowd)).toEqual(new Set([range(0, last).join()]))
    expect(since(before, 0).length).toBeGreaterThan(count / 4)
    for (const [whole] of since(before, 0))
      expect(whole).toMatchObject({ data: { trades: { stock: { rating: 'AAA+' } } } })
    for (const selection of [1, 2]) {
      expect(since(before, selection).length).toBeGreaterThan(count / 4)
      for (const [partial, next] of since(before, selection)) {
        const { data, errors } = partial
        expect(Object.values(data.trades.stock.company)).toEqual(selection === 1 ? [null] : [null, null])
        expect(errors).toMatchObject([{ path: ['trades', 'stock', 'company'], extensions: { code: 'UNAVAILABLE' } }])
        expect(next.errors).toBeUndefined()
        expect(Object.values(next.data.trades.stock.company)).toContain('Company c0')
      }
    }
  })

  it('see one of them removed: it gets the event that removes it, the end, and nothing more; the others miss nothing', async () => {
    const removed = crowd.filter(({ name }) => name === 'trader 7')
    expect(removed).toHaveLength(2)
    market.trading.trade('AAA', 5)
    const leaving = market.trading.leave('AAA', 'trader 7')
    last = market.trading.trade('AAA', 5)
    await eventually(() => removed.every((each) => each.end() !== undefined), 'their subscriptions have ended')
    const others = listening()
    expect(others).toHaveLength(count - 2)
    await allReach(others, last)
    last = market.trading.trade('AAA')
    await allReach(others, last)

    expect(numbersOf(others)).toEqual(new Set([range(0, last).join()]))
    for (const { raw, end, numbers } of removed) {
      expect(end()).toEqual({ id: 'trades', type: 'complete' })
      expect(raw.messages.at(-1)).toEqual(end())
      expect(numbers()).toEqual(range(0, leaving))
      expect(raw.socket.readyState).toBe(raw.socket.OPEN)
    }
    expect(market.trading.open).toEqual({ own: 0, everyone: 3 })
  })

  it('leave no upstream behind when they go', async () => {
    cutAll(crowd)
    await eventually(() => market.trading.open.everyone === 0, 'nothing is followed any more')
    expect(market.trading.open.own).toBe(0)
  })
})

describe('what is not shared', () => {
  let market: Market
  beforeAll(async () => {
    market = await startMarket()
  })
  afterAll(() => market.stop())

  it('is a subscription whose result depends on who asks', async () => {
    const question = asking('... on Traded { isOwn }')
    const followers = await many(5, (index) => follow(market.url, `trader ${index}`, question))
    for (let trader = 0; trader < 5; trader += 1) market.trading.trade('AAA', 2, { trader: `trader ${trader}` })
    await allReach(followers, 10)
    expect(market.trading.open).toEqual({ own: 5, everyone: 0 })
    expect(market.trading.opened.everyone).toBe(0)
    for (const [index, follower] of followers.entries()) {
      const own = follower.payloads().filter(({ data }) => data.trades.isOwn === true)
      expect(own.map(({ data }) => data.trades.number)).toEqual([2 * index + 1, 2 * index + 2])
      expect(follower.payloads().filter(({ errors }) => errors)).toEqual([])
    }
    cutAll(followers)
    await eventually(() => market.trading.open.own === 0, 'nobody follows')
  })

  it('is a subscription whose field nobody has marked', async () => {
    const sockets = await many(3, (index) => connect(market.url, `trader ${index}`))
    for (const socket of sockets) socket.subscribe('a', 'subscription { priceChanged(symbol: "AAA") { price } }')
    await eventually(() => market.streams() === 3, 'each has a stream of its own')
    for (const price of range(1, 20)) market.change('AAA', price)
    for (const socket of sockets) {
      await eventually(() => socket.nexts('a').length === 20, 'all prices have come')
      expect(socket.nexts('a').map(({ data }) => data.priceChanged.price)).toEqual(range(1, 20))
      await socket.close()
    }
  })

  it('is one that its subgraph does not give to everyone: all goes on as if by themselves', async () => {
    market.trading.refusesEveryone = true
    const followers = await many(5, (index) => follow(market.url, `trader ${index}`))
    const first = followers[0]?.numbers()[0] ?? 0
    const last = market.trading.trade('AAA', 20)
    await allReach(followers, last)
    expect(market.trading.open).toEqual({ own: 5, everyone: 0 })
    for (const follower of followers) expect(follower.numbers()).toEqual(range(first, last))
    cutAll(followers)
  })
})
