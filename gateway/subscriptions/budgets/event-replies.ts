import type { GraphQLDataSource } from '@apollo/gateway'
import { AppError } from '../../../platform/errors/app-error.ts'
import type { GatewayContext } from '../../context.ts'
import { createReplyBudget } from '../../limits/reply-budget.ts'
import { tooMuchReply } from '../../upstreams/subgraph-client.ts'

type Reply = Awaited<ReturnType<GraphQLDataSource['process']>>

/** A property of a reply: how many bytes it had. It goes along with copies of the reply. */
const replyBytes = Symbol('reply bytes')

/**
 * The data source, none of whose replies may be larger than this. Each request has a budget of its own, because one reply may serve
 * several events, and one event may ask the same twice.
 */
export const boundedReplies = (source: GraphQLDataSource, maxBytes: number): GraphQLDataSource => ({
  async process(options) {
    const replies = createReplyBudget(maxBytes)
    const context: GatewayContext = { ...(options.context as GatewayContext), replies }
    const reply = await source.process({ ...options, context } as typeof options)
    return { ...reply, [replyBytes]: replies.taken() }
  },
})

/** The data source, whose replies are charged to the budget of the event that gets them. `onTooMuch` is called when they do not fit. */
export const chargedToEvent = (source: GraphQLDataSource, onTooMuch: () => void): GraphQLDataSource => ({
  async process(options) {
    const reply = charged(await source.process(options), options.context as GatewayContext)
    if (reply.errors?.some(({ extensions }) => extensions?.limit === 'response_bytes')) onTooMuch()
    return reply
  },
})

function charged(reply: Reply & { [replyBytes]?: number }, { replies }: GatewayContext): Reply {
  try {
    replies?.take(reply[replyBytes] ?? 0)
    return reply
  } catch (error) {
    if (error instanceof AppError) return tooMuchReply(error)
    throw error
  }
}
