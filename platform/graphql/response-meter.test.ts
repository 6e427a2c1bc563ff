import { ApolloServer } from '@apollo/server'
import { describe, expect, it } from '@jest/globals'
import { buildSchema, graphql } from 'graphql'
import type { AppError } from '../errors/app-error.ts'
import { createResponseMeter, meterResponses, withMeter } from './response-meter.ts'

const schema = buildSchema(
  'type Query { items: [Item!]! late: [Item!]! } type Item { text: String! texts: [String!]! n: Int! }',
)
meterResponses(schema)

const ask = async (query: string, maxBytes: number, leaveAfter = Number.POSITIVE_INFINITY) => {
  const meter = createResponseMeter(maxBytes)
  let resolved = 0
  const item = {
    text: () => {
      resolved += 1
      if (resolved === leaveAfter) meter.leave()
      return 'é'.repeat(500)
    },
    texts: () => ['é'.repeat(250), 'é'.repeat(250)],
    n: 1,
  }
  const items = Array.from({ length: 100 }, () => item)
  const rootValue = { items, late: async () => items }
  const result = await graphql({ schema, source: query, rootValue, contextValue: withMeter({}, meter) })
  return { ...result, resolved, stopped: meter.stopped() }
}

describe('the response of an operation', () => {
  it('is given whole within its bound', async () => {
    const { data, errors, stopped } = await ask('{ items { text texts n } }', 250_000)
    expect([errors, stopped]).toEqual([undefined, undefined])
    expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(250_000)
  })

  it.each(['{ items { text } }', '{ late { text } }', '{ items { texts } }', '{ late { n texts } }'])(
    'stops once it is over the bound: %s',
    async (query) => {
      const { data, errors, resolved, stopped } = await ask(query, 20_500)
      expect(data).toBeNull()
      const cause = errors?.[0]?.originalError as AppError | undefined
      expect(cause?.details).toMatchObject({
        limit: 'response_bytes',
        allowed: 20_500,
      })
      expect(stopped?.details.asked).toBeGreaterThan(20_500)
      expect(resolved).toBeLessThan(25)
    },
  )

  it('counts the names that the client gives', async () => {
    const { stopped } = await ask(`{ items { ${'x'.repeat(1_000)}: n } }`, 20_000)
    expect(stopped).toBeDefined()
  })

  it('stops when nobody waits for it any more', async () => {
    const { data, resolved, stopped } = await ask('{ items { text } }', 1e9, 10)
    expect(data).toBeNull()
    expect(resolved).toBe(10)
    expect(stopped?.code).toBe('UNAVAILABLE')
  })

  it('stops in Apollo Server too, which gives resolvers a copy of the context', async () => {
    const meter = createResponseMeter(20_500)
    let resolved = 0
    const text = () => {
      resolved += 1
      return 'é'.repeat(500)
    }
    const apollo = new ApolloServer({ schema, rootValue: { items: Array.from({ length: 100 }, () => ({ text })) } })
    await apollo.executeOperation({ query: '{ items { text } }' }, { contextValue: withMeter({}, meter) })
    await apollo.stop()
    expect(resolved).toBeLessThan(25)
    expect(meter.stopped()?.details).toMatchObject({ limit: 'response_bytes', allowed: 20_500 })
  })

  it('counts what is read for it apart from what is in it', () => {
    const meter = createResponseMeter(1_000)
    meter.read(900)
    meter.take(900)
    expect(meter.stopped()).toBeUndefined()
    expect(() => meter.read(101)).toThrow()
    expect(meter.stopped()?.details).toMatchObject({ limit: 'response_bytes', asked: 1_001, allowed: 1_000 })
  })

  it('is not counted without a meter', async () => {
    const rootValue = { items: [{ n: 1 }] }
    expect(await graphql({ schema, source: '{ items { n } }', rootValue, contextValue: {} })).toEqual({
      data: { items: [{ n: 1 }] },
    })
  })
})
