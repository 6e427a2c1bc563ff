import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ask } from '../clients.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, openSocket, type RawSocket } from './raw-socket.ts'

const prices = `subscription ($symbol: ID!) { priceChanged(symbol: $symbol) { price stock { company { name } } } }`
const range = (count: number) => Array.from({ length: count }, (_, index) => index)

let market: Market
let socket: RawSocket
const start = async () => {
  market = await startMarket()
}
const query = async (text: string, variables: object = {}) => ask<Record<string, unknown>>(market.url, text, variables)

/** Subscribes, and waits until the subgraph listens. */
async function subscribe(id: string, text: string, variables: object, from: RawSocket = socket): Promise<void> {
  const before = market.streams()
  from.subscribe(id, text, variables)
  await eventually(() => market.streams() > before, 'the subgraph has the subscription')
}
const ended = (id: string) => socket.find((message) => message.id === id && message.type !== 'next')
const nexts = (count: number, id = 'a') =>
  eventually(() => socket.nexts(id).length >= count, `${count} events of ${id}`).then(() => socket.nexts(id))

describe('a supergraph that the gateway has never heard of', () => {
  beforeAll(start)
  afterAll(() => market.stop())
  beforeEach(() => {
    market.entityCalls.length = 0
    market.broken.clear()
  })

  it('is queried across its subgraphs, with one call for entities at each level', async () => {
    const { data, errors } = await query('{ stocks { symbol rating company { name parent { id name } } } }')
    expect(errors).toBeUndefined()
    expect(data?.stocks).toEqual(
      range(3).map((n) => ({
        symbol: ['AAA', 'BBB', 'CCC'][n],
        rating: `${['AAA', 'BBB', 'CCC'][n]}+`,
        company: { name: `Company c${n}`, parent: { id: 'top', name: 'Company top' } },
      })),
    )
    // Stocks and their companies are asked for side by side, each kind at once.
    expect(market.entityCalls.toSorted()).toEqual([3, 3])
  })

  it('resolves nested lists with a call a level', async () => {
    const { data } = await query('{ stocks { rivals { rivals { company { name } } } } }')
    const stocks = data?.stocks as { rivals: { rivals: { company: { name: string } }[] }[] }[]
    const names = stocks.flatMap(({ rivals }) =>
      rivals.flatMap((rival) => rival.rivals.map((stock) => stock.company.name)),
    )
    expect(names).toHaveLength(12)
    expect(new Set(names)).toEqual(new Set(['Company c0', 'Company c1', 'Company c2']))
    expect(market.entityCalls).toHaveLength(1)
  })

  it('knows interfaces, aliases, fragments and conditions by variables', async () => {
    const text = `query ($deep: Boolean!, $shallow: Boolean!) {
      things: assets { kind: __typename symbol ... on Stock { ...s @include(if: $deep) price @skip(if: $shallow) } ... on Bond { yield } }
    }
    fragment s on Stock { owner: company { called: name } }`
    const deep = await query(text, { deep: true, shallow: true })
    expect(deep.data?.things).toMatchObject([
      { kind: 'Stock', symbol: 'AAA', owner: { called: 'Company c0' } },
      {},
      {},
      { yield: 0.5 },
    ])
    expect(JSON.stringify(deep.data)).not.toContain('price')
    market.entityCalls.length = 0
    const shallow = await query(text, { deep: false, shallow: false })
    expect(shallow.data?.things).toMatchObject([{ symbol: 'AAA', price: 10 }, {}, {}, { kind: 'Bond' }])
    expect(market.entityCalls).toEqual([])
  })

  it('gives null and an error at the path of an entity that fails, and everything else', async () => {
    market.broken.add('c1')
    const { data, errors } = await query('{ stocks { company { id name } } }')
    expect(data?.stocks).toMatchObject([{ company: { name: 'Company c0' } }, { company: { name: null } }, {}])
    expect(errors).toMatchObject([{ path: ['stocks', 1, 'company'], extensions: { code: 'UNAVAILABLE' } }])
  })

  describe('over WebSocket', () => {
    beforeEach(async () => {
      socket = await connect(market.url, 'ann')
    })
    afterEach(async () => {
      if (socket.socket.readyState === socket.socket.OPEN) await socket.close()
      await eventually(() => market.streams() === 0, 'no stream is left at the subgraph')
    })

    it('answers queries and mutations, once each', async () => {
      socket.subscribe('q', '{ company(id: "x") { name } }')
      socket.subscribe('m', 'mutation { setPrice(symbol: "CCC", price: 99) { price company { name } } }')
      expect((await ended('q')).type).toBe('complete')
      expect((await ended('m')).type).toBe('complete')
      expect(socket.nexts('q')).toEqual([{ data: { company: { name: 'Company x' } } }])
      expect(socket.nexts('m')).toEqual([{ data: { setPrice: { price: 99, company: { name: 'Company c2' } } } }])
    })

    it('completes each event with the other subgraph, in order', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      for (const price of range(50)) market.change('AAA', price)
      const events = await nexts(50)
      expect(events).toEqual(
        range(50).map((price) => ({
          data: { priceChanged: { price, stock: { company: { name: 'Company c0' } } } },
        })),
      )
    })

    it('runs a subscription that needs no other subgraph', async () => {
      await subscribe('a', 'subscription { priceChanged(symbol: "AAA") { price } }', {})
      market.change('AAA', 5)
      expect(await nexts(1)).toEqual([{ data: { priceChanged: { price: 5 } } }])
      expect(market.entityCalls).toEqual([])
    })

    it('knows unions, aliases, fragments and conditions by variables in events', async () => {
      const text = `subscription ($symbol: ID! = "BBB", $rated: Boolean!, $parents: Boolean = false) {
        change: priceChanged(symbol: $symbol) {
          ...p
          stock { rating @include(if: $rated) }
          news { __typename ... on Rumour { about { ...c } } ... on Takeover { buyer { ...c } target { id } } }
        }
      }
      fragment p on PriceChanged { now: price }
      fragment c on Company { called: name parent @include(if: $parents) { name } }`
      await subscribe('a', text, { rated: true })
      await subscribe('b', text, { rated: false, parents: true, symbol: 'BBB' })
      market.change('BBB', 1, {
        news: [
          { text: 'so they say', about: { id: 'c1' } },
          { buyer: { id: 'c2' }, target: { id: 'c0' } },
        ],
      })
      const [first] = await nexts(1, 'a')
      expect(first).toEqual({
        data: {
          change: {
            now: 1,
            stock: { rating: 'BBB+' },
            news: [
              { __typename: 'Rumour', about: { called: 'Company c1' } },
              { __typename: 'Takeover', buyer: { called: 'Company c2' }, target: { id: 'c0' } },
            ],
          },
        },
      })
      const [second] = await nexts(1, 'b')
      expect(second.data.change.stock).toEqual({})
      expect(second.data.change.news[0].about).toEqual({ called: 'Company c1', parent: { name: 'Company top' } })
    })

    it('delivers an event whose rest fails, with null and an error at its path, in its order', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      market.change('AAA', 1)
      await nexts(1)
      market.broken.add('c0')
      market.change('AAA', 2)
      await nexts(2)
      market.broken.clear()
      market.change('AAA', 3)
      const events = await nexts(3)
      expect(events.map(({ data }) => data.priceChanged.price)).toEqual([1, 2, 3])
      expect(events.map(({ data }) => data.priceChanged.stock.company.name)).toEqual(['Company c0', null, 'Company c0'])
      expect(events[1].errors).toMatchObject([
        { path: ['priceChanged', 'stock', 'company'], extensions: { code: 'UNAVAILABLE' } },
      ])
    })

    it('ends a subscription at an event that its own subgraph could not make, rather than leave a hole in it', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      market.change('AAA', Number.NaN)
      const { payload } = await socket.find(({ id, type }) => id === 'a' && type === 'error')
      expect(payload).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }])
      expect(payload[0].message).not.toContain('NaN')
    })

    it('tells why the subgraph refuses a subscription, and the others go on', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      socket.subscribe('b', prices, { symbol: 'refused' })
      const { payload } = await socket.find(({ id }) => id === 'b')
      expect((payload.errors ?? payload)[0]).toMatchObject({
        message: 'No prices today',
        extensions: { code: 'UNAVAILABLE' },
      })
      market.change('AAA', 1)
      await nexts(1)
    })

    it('returns the stream at the subgraph when the client unsubscribes, and only that one', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      await subscribe('b', prices, { symbol: 'BBB' })
      socket.send({ id: 'a', type: 'complete' })
      await eventually(() => market.streams() === 1, 'one stream was returned')
      market.change('AAA', 1)
      market.change('BBB', 2)
      expect((await nexts(1, 'b'))[0].data.priceChanged.price).toBe(2)
      expect(socket.nexts('a')).toEqual([])
    })

    it('returns the streams of a socket that is cut', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      await subscribe('b', prices, { symbol: 'AAA' })
      socket.socket.terminate()
      await eventually(() => market.streams() === 0, 'no stream is left at the subgraph')
    })

    it('completes when the stream ends, and can be asked for again', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      market.change('AAA', 1)
      market.change('AAA', 2)
      await nexts(2)
      market.end()
      expect((await ended('a')).type).toBe('complete')
      await subscribe('b', prices, { symbol: 'AAA' })
      market.change('AAA', 3)
      await nexts(1, 'b')
    })

    it('masks the error of a stream that breaks, and gives it to its subscription', async () => {
      await subscribe('a', prices, { symbol: 'AAA' })
      market.end(new Error('the ticker at 10.0.0.7 is on fire'))
      const { type, payload } = await ended('a')
      expect(type).toBe('error')
      expect(payload[0].extensions.code).toBe('INTERNAL_SERVER_ERROR')
      expect(JSON.stringify(payload)).not.toContain('10.0.0.7')
    })

    it('refuses subscriptions it cannot plan as such, without an inner error', async () => {
      const odd = 'subscription ($on: Boolean!) { priceChanged(symbol: "AAA") @include(if: $on) { price } }'
      socket.subscribe('a', odd, { on: false })
      const answer = await socket.find(({ id }) => id === 'a')
      expect(JSON.stringify(answer)).not.toContain('INTERNAL_SERVER_ERROR')
    })
  })
})

describe('a subgraph that goes away', () => {
  beforeEach(async () => {
    await start()
    socket = await connect(market.url, 'ann')
  })
  const stop = async () => {
    await socket.close()
    await market.stop()
  }

  it('is UNAVAILABLE at the path of what it owns; events go on without its fields, and with them when it is back', async () => {
    await subscribe('a', prices, { symbol: 'AAA' })
    await market.companies.stop()
    market.change('AAA', 1)
    const [event] = await nexts(1)
    expect(event.data).toEqual({ priceChanged: { price: 1, stock: { company: { name: null } } } })
    expect(event.errors).toMatchObject([
      { path: ['priceChanged', 'stock', 'company'], extensions: { code: 'UNAVAILABLE' } },
    ])
    const { data, errors } = await query('{ stock(symbol: "AAA") { symbol company { name } } }')
    expect(data).toEqual({ stock: { symbol: 'AAA', company: { name: null } } })
    expect(errors).toMatchObject([{ path: ['stock', 'company'], extensions: { code: 'UNAVAILABLE' } }])

    await market.companies.start()
    market.change('AAA', 2)
    expect((await nexts(2))[1]).toEqual({
      data: { priceChanged: { price: 2, stock: { company: { name: 'Company c0' } } } },
    })
    await stop()
  })

  it('interrupts the subscriptions that it feeds with UNAVAILABLE, not the socket, and can be subscribed again', async () => {
    await subscribe('a', prices, { symbol: 'AAA' })
    await subscribe('b', prices, { symbol: 'BBB' })
    await market.stocks.stop()
    for (const id of ['a', 'b']) {
      const { type, payload } = await ended(id)
      expect(type).toBe('error')
      expect(payload[0].extensions).toEqual({ code: 'UNAVAILABLE', retryAfter: 1 })
    }
    socket.subscribe('away', prices, { symbol: 'AAA' })
    expect((await ended('away')).payload[0].extensions.code).toBe('UNAVAILABLE')
    socket.subscribe('other', '{ company(id: "x") { name } }')
    expect((await ended('other')).type).toBe('complete')

    await market.stocks.start()
    await subscribe('again', prices, { symbol: 'AAA' })
    market.change('AAA', 7)
    await nexts(1, 'again')
    await stop()
  })
})

describe('sign-in', () => {
  it('that hangs closes the socket instead of leaving it', async () => {
    const slow = await startMarket({}, { identify: () => new Promise(() => {}) })
    const raw = await openSocket(slow.url)
    raw.send({ type: 'connection_init', payload: { authorization: 'ann' } })
    expect(await raw.closed).toBe(1013)
    await slow.stop()
  })

  it('that fails inside closes the socket without a word of why', async () => {
    const down = await startMarket({}, { identify: async () => Promise.reject(new Error('no cache at 10.0.0.7')) })
    const raw = await openSocket(down.url)
    const reason = new Promise((resolve) => raw.socket.once('close', (_, text) => resolve(String(text))))
    raw.send({ type: 'connection_init', payload: { authorization: 'ann' } })
    expect(await raw.closed).toBe(1013)
    expect(await reason).not.toContain('10.0.0.7')
    await down.stop()
  })
})
