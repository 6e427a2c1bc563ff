import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ask } from '../clients.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

describe('aliases that stand for different fields under different types, or for keys,', () => {
  let market: Market
  let socket: RawSocket
  let asked = 0
  beforeAll(async () => {
    market = await startMarket()
    socket = await connect(market.url, 'ann')
  })
  afterAll(async () => {
    await socket?.close()
    await market?.stop()
  })
  beforeEach(() => market.broken.clear())

  /** The same, asked in both ways. */
  const askBothWays = async (query: string) => {
    asked += 1
    const id = `question ${asked}`
    socket.subscribe(id, query)
    await socket.find((message) => message.id === id && message.type === 'complete')
    const { data, errors } = await ask(market.url, query)
    expect(socket.nexts(id)).toEqual([{ data, ...(errors && { errors }) }])
    return { data, errors }
  }
  const news = [
    { about: { id: 'c1' }, text: 'They say so' },
    { buyer: { id: 'c2' }, target: { id: 'c3' } },
    { buyer: { id: 'c4' }, target: { id: 'c3' } },
  ]

  it('give each its own field in the answer of a query, in the order of the fields', async () => {
    const { data, errors } = await askBothWays(
      '{ stocks { symbol: rating company { name: id id: name parent { __typename: name id: country } } } }',
    )
    expect(errors).toBeUndefined()
    const expected = ['AAA', 'BBB', 'CCC'].map((symbol, index) => ({
      symbol: `${symbol}+`,
      company: { name: `c${index}`, id: `Company c${index}`, parent: { __typename: 'Company top', id: 'Nowhere' } },
    }))
    expect(JSON.stringify(data)).toBe(JSON.stringify({ stocks: expected }))
  })

  it('and of a mutation', async () => {
    const { data } = await askBothWays(
      'mutation { setPrice(symbol: "CCC", price: 12) { symbol: rating price company { id: name country } } }',
    )
    expect(data).toEqual({
      setPrice: { symbol: 'CCC+', price: 12, company: { id: 'Company c2', country: 'Nowhere' } },
    })
  })

  it('keep their names in the paths of errors', async () => {
    market.broken.add('c0')
    const { data, errors } = await askBothWays('{ stock(symbol: "AAA") { symbol: company { id: name } price } }')
    expect(data).toEqual({ stock: { symbol: { id: null }, price: 10 } })
    expect(errors).toMatchObject([{ path: ['stock', 'symbol'], extensions: { code: 'UNAVAILABLE' } }])
  })

  it('give each its own field in the events of a subscription, and its own path to errors', async () => {
    market.broken.add('c2')
    const id = 'prices'
    socket.subscribe(
      id,
      `subscription { priceChanged(symbol: "AAA") { news {
        ... on Rumour { c: about { n: name } }
        ... on Takeover { c: buyer { n: country } o: target { ...nation } }
      } } }
      fragment nation on Company { n: country }`,
    )
    await eventually(() => market.streams() > 0, 'the prices are followed')
    market.change('AAA', 1, { news })
    await eventually(() => socket.nexts(id).length > 0, 'an event has come')
    const [{ data, errors }] = socket.nexts(id)
    expect(JSON.stringify(data.priceChanged.news)).toBe(
      JSON.stringify([
        { c: { n: 'Company c1' } },
        { c: { n: null }, o: { n: 'Nowhere' } },
        { c: { n: 'Nowhere' }, o: { n: 'Nowhere' } },
      ]),
    )
    expect(errors).toMatchObject([{ path: ['priceChanged', 'news', 1, 'c'], extensions: { code: 'UNAVAILABLE' } }])
    socket.send({ id, type: 'complete' })
  })
})
