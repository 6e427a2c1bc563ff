import type { GraphQLDataSource } from '@apollo/gateway'
import type { GatewayContext } from '../context.ts'
import { awayReply } from '../subgraph-client.ts'

/** How long a subgraph is left alone after it let an event's time run out, in milliseconds. */
const rest = 1_000

/**
 * The data source, which is not asked for a while after it was too slow: the events behind would each wait out its time, one after
 * the other, and fall ever further behind. Meanwhile they go out without its fields, as if it were away.
 */
export function skipWhileSlow(source: GraphQLDataSource, now: () => number = Date.now): GraphQLDataSource {
  let skipUntil = 0
  return {
    async process(options) {
      if (now() < skipUntil) return awayReply(options.request.variables)
      const reply = await source.process(options)
      if ((options.context as GatewayContext).signal.aborted) skipUntil = now() + rest
      return reply
    },
  }
}
