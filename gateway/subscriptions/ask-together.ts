import type { GraphQLDataSource } from '@apollo/gateway'
import type { GatewayContext } from '../context.ts'

type Reply = Awaited<ReturnType<GraphQLDataSource['process']>>

/** A question that is being asked, and the next time that it will be. */
interface Asking {
  now: Promise<Reply>
  next?: Promise<Reply>
}

/**
 * The data source, asked the same only once at a time for everyone: whoever asks meanwhile shares the next answer, which is asked for
 * when this one has come, so that nobody gets what was true before they asked. A busy room's events ask for the same few authors, and the
 * slower the answers come, the more of them share one. Questions that depend on who asks go by.
 */
export function askTogether(source: GraphQLDataSource): GraphQLDataSource {
  const asked = new Map<string, Asking>()

  const begin = (key: string, options: Parameters<GraphQLDataSource['process']>[0]): Promise<Reply> => {
    const asking: Asking = { now: source.process(options) }
    asked.set(key, asking)
    const forget = () => {
      if (!asking.next) asked.delete(key)
    }
    asking.now.then(forget, forget)
    return asking.now
  }
  return {
    async process(options) {
      const { viewer } = options.context as GatewayContext
      if (viewer !== 'everyone') return source.process(options)
      const { query, variables } = options.request
      const key = JSON.stringify([query, variables])
      const asking = asked.get(key)
      if (!asking) return own(await begin(key, options))
      const again = () => begin(key, options)
      asking.next ??= asking.now.then(again, again)
      return own(await asking.next)
    },
  }
}

/** Whoever runs a plan merges answers into each other. */
const own = (reply: Reply): Reply => ({ ...reply, data: structuredClone(reply.data) })
