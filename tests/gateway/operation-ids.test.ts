import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually } from './raw-socket.ts'

type Step = { id: string; does: 'subscribe' | 'complete' }

describe('the ids of operations on a socket', () => {
  let market: Market
  let price = 0
  beforeAll(async () => {
    market = await startMarket()
  })
  afterAll(() => market.stop())

  const steps = fc.array(
    fc.record<Step>({
      id: fc.constantFrom('a', 'b', '__proto__', '1'),
      does: fc.constantFrom('subscribe', 'complete'),
    }),
    { minLength: 1, maxLength: 16 },
  )

  it('are free at once when their client completes, and never carry what belongs to an operation before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (taken, inPieces) => {
        const socket = await connect(market.url, 'ann')
        const running = new Map<string, number>()
        for (const [index, { id, does }] of taken.entries()) {
          // An operation under an id that is taken closes the socket: that is another test.
          if (does === 'complete' || running.has(id)) {
            socket.send({ id, type: 'complete' })
            running.delete(id)
          } else {
            socket.subscribe(id, `subscription { e${index}: priceChanged(symbol: "AAA") { price } }`)
            running.set(id, index)
          }
          if (inPieces) market.change('AAA', ++price)
          if (inPieces && index % 3 === 0) await new Promise(setImmediate)
        }
        const hasLast = () =>
          running
            .entries()
            .every(([id, index]) => socket.nexts(id).some(({ data }) => data[`e${index}`]?.price === price))
        await eventually(() => market.streams() === running.size, 'what runs at the subgraph is what the client asks')
        market.change('AAA', ++price)
        await eventually(hasLast, 'each operation that runs gets the event')
        for (const id of new Set(taken.map((step) => step.id))) {
          const seen = socket.nexts(id).map(({ data }) => Number(Object.keys(data)[0]?.slice(1)))
          expect(seen).toEqual(seen.toSorted((one, other) => one - other))
        }
        expect(socket.messages.filter(({ type }) => type === 'complete' || type === 'error')).toEqual([])
        await socket.close()
        await eventually(() => market.streams() === 0, 'all streams have ended')
      }),
      { numRuns: 10 },
    )
  }, 180_000)

  it('of queries are free, too, and the answer of one that was completed never comes', async () => {
    const socket = await connect(market.url, 'ann')
    for (let n = 0; n < 20; n += 1) {
      socket.subscribe('q', `{ old: __typename stock(symbol: "AAA") { symbol } }`)
      socket.send({ id: 'q', type: 'complete' })
      socket.subscribe('q', `{ new${n}: __typename stock(symbol: "AAA") { symbol } }`)
      await socket.find(({ id, type, payload }) => id === 'q' && type === 'next' && `new${n}` in payload.data)
      await eventually(
        () => socket.messages.filter(({ type }) => type === 'complete').length === n + 1,
        'it is complete',
      )
    }
    expect(socket.nexts('q').filter(({ data }) => 'old' in data)).toEqual([])
    await socket.close()
  })
})
