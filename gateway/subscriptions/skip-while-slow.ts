import type { GraphQLDataSource } from '@apollo/gateway'
import type { GatewayContext } from '../context.ts'
import { awayReply } from '../upstreams/subgraph-client.ts'

type Reply = Awaited<ReturnType<GraphQLDataSource['process']>>

/** How long a subgraph is left alone after it let an event's time run out, in milliseconds. */
const rest = 1_000
/** How many times `patience` an event waits at most. */
const longest = 10
const noMoreNeeded = new Error('The event goes out without waiting for this')

/**
 * The data source for events, which never rejects. When nothing has come within `patience` milliseconds it is asked once more beside that:
 * another replica may be better off, or this process was the one that paused. As long as it answers anything at all it is only slow, and
 * its fields are worth the wait. One that answers nothing is left alone for a while: the events behind would each wait out their time, one
 * after the other, and fall ever further behind. Meanwhile they go out without its fields, as if it were away.
 */
export function skipWhileSlow(
  source: GraphQLDataSource,
  patience: number,
  now: () => number = () => performance.now(),
): GraphQLDataSource {
  let skipUntil = 0
  let answers = 0

  return {
    async process(options) {
      const away = () => awayReply(options.request.variables)
      if (now() < skipUntil) return away()
      const over = new AbortController()
      const context: GatewayContext = { ...(options.context as GatewayContext), signal: over.signal }
      const ask = async () => {
        const reply = await source.process({ ...options, context } as typeof options)
        if (reply.data) answers += 1
        return reply
      }
      const asked = [ask()]
      let seen = answers
      for (let turn = 1; ; turn += 1) {
        const reply = await firstOf(asked, patience)
        const isAway = !reply && turn > 1 && (answers === seen || turn === longest)
        if (isAway) skipUntil = now() + rest
        if (reply || isAway) {
          // Given a reason, because the one that is made otherwise takes a stack.
          if (isAway || asked.length > 1) over.abort(noMoreNeeded)
          return reply ?? away()
        }
        if (turn === 1) asked.push(ask())
        seen = answers
      }
    },
  }
}

/** The first reply with data, or the last one when none has any; undefined when the time is up before that. */
function firstOf(replies: Promise<Reply>[], milliseconds: number): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), milliseconds)
    let empty = 0
    for (const each of replies) {
      void each.then((reply) => {
        if (!reply.data) empty += 1
        if (!reply.data && empty < replies.length) return
        clearTimeout(timer)
        resolve(reply)
      })
    }
  })
}
