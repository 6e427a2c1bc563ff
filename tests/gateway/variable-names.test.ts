import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask } from '../clients.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

/** Names that the execution of plans has for itself, or that every JavaScript object has. */
const names = ['representations', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'a']

describe('a variable may have any name', () => {
  let market: Market
  let socket: RawSocket
  beforeAll(async () => {
    market = await startMarket()
    socket = await connect(market.url, 'ann')
  })
  afterAll(async () => {
    await socket?.close()
    await market?.stop()
  })

  const answer = async (query: string, variables?: object) => {
    const { data, errors } = await ask(market.url, query, variables)
    return { data, errors }
  }

  it.each(names)('$%s in a query that asks other subgraphs for entities', async (name) => {
    const query = `query ($${name}: ID!) { stock(symbol: $${name}) { symbol: rating company { name } } }`
    const variables = { [name]: 'AAA' }
    const data = { stock: { symbol: 'AAA+', company: { name: 'Company c0' } } }
    expect(await answer(query, variables)).toEqual({ data })
    socket.subscribe(`query ${name}`, query, variables)
    await socket.find(({ id, type }) => id === `query ${name}` && type === 'complete')
    expect(socket.nexts(`query ${name}`)).toEqual([{ data }])
  })

  it.each(names)('$%s in a condition and in a fragment', async (name) => {
    const query = `query ($${name}: Boolean!) { stock(symbol: "AAA") { ...F } } fragment F on Stock { price company { name @skip(if: $${name}) id } }`
    expect(await answer(query, { [name]: true })).toEqual({
      data: { stock: { price: 10, company: { id: 'c0' } } },
    })
  })

  it.each(names)('$%s that was not given has its default', async (name) => {
    const query = `query ($${name}: ID! = "BBB") { stock(symbol: $${name}) { company { name } } }`
    expect(await answer(query)).toEqual({ data: { stock: { company: { name: 'Company c1' } } } })
  })

  it.each(names)('$%s in a subscription', async (name) => {
    const id = `prices ${name}`
    const before = market.streams()
    socket.subscribe(
      id,
      `subscription ($${name}: ID!) { priceChanged(symbol: $${name}) { price news { ... on Rumour { about { name } } } } }`,
      {
        [name]: 'AAA',
      },
    )
    await eventually(() => market.streams() > before, 'the prices are followed')
    market.change('AAA', 1, { news: [{ about: { id: 'c0' }, text: 'They say so' }] })
    await eventually(() => socket.nexts(id).length > 0, 'an event has come')
    expect(socket.nexts(id)).toEqual([
      { data: { priceChanged: { price: 1, news: [{ about: { name: 'Company c0' } }] } } },
    ])
  })

  it('except $__proto__, which is refused with its name', async () => {
    const query = 'query ($__proto__: ID! = "AAA") { stock(symbol: $__proto__) { price } }'
    const { errors } = await answer(query)
    expect(errors).toMatchObject([
      { message: expect.stringContaining('$__proto__'), extensions: { code: 'BAD_USER_INPUT' } },
    ])
  })
})
