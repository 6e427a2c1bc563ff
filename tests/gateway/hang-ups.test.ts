import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { type Market, startMarket } from './market/market.ts'
import { eventually } from './raw-socket.ts'

let market: Market
/** How many operations of `slow` have been read, checked, and wait for their points to be taken. */
let waiting: number
/** Lets them go on. */
let letGo: () => void
beforeEach(async () => {
  waiting = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  letGo = resolve
  const rateLimit = createMemoryRateLimit()
  const take: typeof rateLimit.take = async (key, ...rest) => {
    if (key === 'points:user:slow') {
      waiting += 1
      await promise
    }
    return rateLimit.take(key, ...rest)
  }
  market = await startMarket({}, { rateLimit: { ...rateLimit, take } })
})
afterEach(() => market.stop())

const companies = '{ stocks { company { name } } }'
const prices = (symbol: string, price: number) =>
  `mutation { setPrice(symbol: "${symbol}", price: ${price}) { price } }`

const post = (query: string, authorization: string) => {
  const body = JSON.stringify({ query })
  const headers = ['host: a', 'content-type: application/json', `content-length: ${body.length}`]
  return ['POST /graphql HTTP/1.1', ...headers, `authorization: ${authorization}`, '', body].join('\r\n')
}
const answerTo = async (query: string) => {
  const headers = { 'content-type': 'application/json', authorization: 'ben' }
  const answer = await fetch(`${market.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
  return (await answer.json()).data
}
/** Asks all this on one connection, and hangs up once the gateway has read it and before it goes on. */
const askAndHangUp = async (...queries: string[]) => {
  const { hostname, port } = new URL(market.url)
  const socket = connect(Number(port), hostname)
  socket.write(queries.map((query) => post(query, 'slow')).join(''))
  await eventually(async () => waiting === queries.length, 'the gateway has read it')
  socket.resetAndDestroy()
  await once(socket, 'close')
  // By the answers to later requests the gateway has seen that the client is gone.
  for (let times = 0; times < 2; times += 1) await answerTo('{ __typename }')
}

it('a query whose client hung up before its turn is not run, and one of somebody else is', async () => {
  await askAndHangUp(companies, companies)
  letGo()
  for (let times = 0; times < 2; times += 1) await answerTo(companies)
  expect(market.entityCalls).toHaveLength(2)
})

it('mutations that were admitted are made, although their client has hung up', async () => {
  await askAndHangUp(prices('AAA', 70), prices('BBB', 80))
  letGo()
  await eventually(async () => {
    const { stocks } = await answerTo('{ stocks { price } }')
    return stocks[0].price === 70 && stocks[1].price === 80
  }, 'both were made')
})
