import { once } from 'node:events'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { buildSchema, type ExecutionArgs, type ExecutionResult, type GraphQLSchema, parse, subscribe } from 'graphql'
import { unavailable } from '../errors/app-error.ts'
import { abortable } from '../streams/abortable.ts'
import { type Place, type ResumableEvent, subscribeWithPlaces } from './resumable.ts'

const never = (signal: AbortSignal) => once(new EventTarget(), 'nothing', { signal })
const query = 'subscription ($of: String!) { numbers(of: $of) }'

let schema: GraphQLSchema
let resolved: unknown[]
beforeEach(() => {
  schema = buildSchema('type Query { a: Int } type Subscription { numbers(of: String!): Int! }')
  resolved = []
})

/** What the field's `subscribe` gives; `resolve` takes the number out of each event. */
const serve = (events: () => unknown) => {
  const field = schema.getSubscriptionType()?.getFields().numbers
  if (!field) throw new Error('The schema has the field')
  field.subscribe = events
  field.resolve = (event: { number: number }, { of }: { of: string }, context: unknown) => {
    resolved.push({ event, of, context })
    if (event.number < 0) throw unavailable('No such number.')
    return event.number
  }
}
const args = (more: Partial<ExecutionArgs> = {}): ExecutionArgs => ({
  schema,
  document: parse(query),
  variableValues: { of: 'x' },
  contextValue: 'context',
  ...more,
})
const streamOf = async (subscribing = subscribeWithPlaces(args())) => {
  const results = await subscribing
  if (!(Symbol.asyncIterator in results)) throw new Error(`It was refused: ${JSON.stringify(results)}`)
  return results
}
const all = async (results: AsyncGenerator<ExecutionResult, void>) => {
  const seen: ExecutionResult[] = []
  for await (const result of results) seen.push(result)
  return seen
}
const at = (number: number, resumable: Place): ResumableEvent & { number: number } => ({ number, resumable })

describe('a subscription with places', () => {
  it('has the place of each event in the extensions of its result', async () => {
    const places: Place[] = [
      { cursor: 'one', live: false },
      { cursor: 'two', live: true, remove: ['ann'] },
      { cursor: null, live: true },
    ]
    serve(async function* () {
      for (const [index, place] of places.entries()) yield at(index, place)
    })
    expect(await all(await streamOf())).toEqual(
      places.map((resumable, numbers) => ({ data: { numbers }, extensions: { resumable } })),
    )
  })

  it('has it beside the errors of a result, too', async () => {
    serve(async function* () {
      yield at(-1, { cursor: 'one', live: true })
    })
    const [result] = await all(await streamOf())
    expect(result).toMatchObject({ data: null, extensions: { resumable: { cursor: 'one', live: true } } })
    expect(result?.errors?.[0]?.originalError).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('executes once for each event, with the event as its root', async () => {
    const events = [at(1, { cursor: 'one', live: true }), { number: 2 }]
    serve(async function* () {
      yield* events
    })
    await all(await streamOf())
    expect(resolved).toEqual(events.map((event) => ({ event, of: 'x', context: 'context' })))
  })

  it('is graphql’s own where events tell no place', async () => {
    const outcomes: (() => unknown)[] = [
      async function* () {
        yield { number: 1 }
        yield { number: -1 }
      },
      () => {
        throw unavailable('Not now.')
      },
      () => new Error('Not now.'),
      () => Promise.reject(unavailable('Not now.')),
      () => 'no stream',
    ]
    const run = async (subscribing: Promise<AsyncGenerator<ExecutionResult, void> | ExecutionResult>) => {
      const outcome = await subscribing.catch((error) => ({ thrown: String(error) }))
      // As it is sent: errors are compared with all that they have.
      return JSON.stringify(Symbol.asyncIterator in outcome ? await all(outcome) : outcome)
    }
    for (const outcome of outcomes) {
      serve(outcome)
      expect(await run(subscribeWithPlaces(args()))).toEqual(await run(subscribe(args()) as never))
    }
    const wrong = () => args({ variableValues: {} })
    expect(await run(subscribeWithPlaces(wrong()))).toEqual(await run(subscribe(wrong()) as never))
    expect(await run(subscribeWithPlaces(wrong()))).toContain('of required type')
  })

  it('returns its source at once, while it waits', async () => {
    let cleaned = false
    serve(() =>
      abortable(async function* (signal) {
        try {
          yield at(1, { cursor: 'one', live: true })
          await never(signal)
        } finally {
          cleaned = true
        }
      }),
    )
    const results = await streamOf()
    await results.next()
    const waiting = results.next()
    expect(await results.return()).toEqual({ done: true, value: undefined })
    expect(cleaned).toBe(true)
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('takes any async iterable for a source, and what it throws', async () => {
    let asked = 0
    const next = async () => {
      asked += 1
      if (asked > 1) throw new Error('the source broke')
      return { done: false, value: { number: 1 } }
    }
    serve(() => ({ [Symbol.asyncIterator]: () => ({ next }) }))
    const results = await streamOf()
    expect(await results.next()).toEqual({ done: false, value: { data: { numbers: 1 } } })
    await expect(results.next()).rejects.toThrow('the source broke')
    expect(await results.return()).toEqual({ done: true, value: undefined })
  })
})
