import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createReplyBudget, type ReplyBudget } from '../../limits/reply-budget.ts'
import { askTogether } from '../ask-together.ts'
import { skipWhileSlow } from '../skip-while-slow.ts'
import { boundedReplies, chargedToEvent } from './event-replies.ts'

const mostBytes = 1_000
let tooMuch = 0
/** A subgraph whose replies have as many bytes as they are asked for, as the client of a subgraph counts them. */
const subgraph = {
  async process({
    request,
    context,
  }: {
    request: { variables: { bytes: number } }
    context: { replies: ReplyBudget }
  }) {
    await new Promise(setImmediate)
    context.replies.take(request.variables.bytes)
    return { data: { bytes: request.variables.bytes } }
  },
}
const source = () => {
  tooMuch = 0
  const bounded = boundedReplies(subgraph as never, mostBytes)
  return chargedToEvent(askTogether(skipWhileSlow(bounded, 60_000)), () => {
    tooMuch += 1
  })
}
const event = (viewer?: 'everyone') => ({ viewer, replies: createReplyBudget(mostBytes) })
const ask = (of: ReturnType<typeof source>, bytes: number, context: ReturnType<typeof event>) =>
  of.process({ request: { query: '{ a }', variables: { bytes } }, context } as never)

it('charges every event for the replies that it was given, whoever else was given them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: mostBytes }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
      async (events, areShared) => {
        const asked = source()
        let expected = 0
        await Promise.all(
          events.map(async (questions) => {
            const context = event(areShared ? 'everyone' : undefined)
            let sum = 0
            for (const bytes of questions) {
              const reply = await ask(asked, bytes, context)
              sum += bytes
              if (sum > mostBytes) expected += 1
              expect(reply.data).toEqual(sum > mostBytes ? null : { bytes })
            }
          }),
        )
        expect(tooMuch).toBe(expected)
      },
    ),
    { numRuns: 50 },
  )
})
