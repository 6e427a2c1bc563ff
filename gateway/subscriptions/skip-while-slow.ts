import type { GraphQLDataSource } from '@apollo/gateway'
import type { GatewayContext } from '../context.ts'
import { awayReply } from '../upstreams/subgraph-client.ts'

/** How long a subgraph is left alone after it let an event's time run out, in milliseconds. */
const rest = 1_000

/**
 * The data source, asked once more when its time ran out (this process may have been the one that paused), and then not for a
 * while: the events behind would each wait out its time, one after the other, and fall ever further behind. Meanwhile they go out
 * without its fields, as if it were away. `patience` is how long each call may take, in milliseconds.
 */
export function skipWhileSlow(
  source: GraphQLDataSource,
  patience: number,
  now: () => number = () => performance.now(),
): GraphQLDataSource {
  let skipUntil = 0
  return {
    async process(options) {
      if (now() < skipUntil) return awayReply(options.request.variables)
      const ask = async () => {
        // Not `AbortSignal.timeout`, which goes off for every call that was answered, too.
        const late = new AbortController()
        const timer = setTimeout(() => late.abort(), patience)
        const context: GatewayContext = { ...(options.context as GatewayContext), signal: late.signal }
        const reply = await source.process({ ...options, context } as typeof options).finally(() => clearTimeout(timer))
        return { reply, late: late.signal.aborted }
      }
      const first = await ask()
      if (!first.late) return first.reply
      const second = await ask()
      if (second.late) skipUntil = now() + rest
      return second.reply
    },
  }
}
