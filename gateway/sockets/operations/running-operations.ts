import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import type { OperationIds } from './operation-ids.ts'

/** A query or mutation is to be answered; a subscription streams. */
type Kind = 'answer' | 'stream'

/** The operations of one socket that have not ended. Their ids are those that `OperationIds` gave them. */
export interface RunningOperations {
  ids: OperationIds
  kinds: Map<string, Kind>
  /** Settled when nothing is left to be answered, for whoever waits for that. */
  answered?: PromiseWithResolvers<void>
}

/** Keeps account of what runs on all sockets. */
export function createOperationAccount(metrics: Metrics) {
  const counts = { answer: 0, stream: 0 }
  metrics.gauge('parley_subscriptions', 'Subscriptions that run', () => counts.stream)
  metrics.gauge('parley_socket_operations', 'Queries and mutations over WebSockets that run', () => counts.answer)

  const tellIfAnswered = (running: RunningOperations) => {
    if (isAnswering(running)) return
    running.answered?.resolve()
    running.answered = undefined
  }
  const remove = (running: RunningOperations, id: string) => {
    const kind = running.kinds.get(id)
    if (kind && running.kinds.delete(id)) counts[kind] -= 1
  }
  const set = (running: RunningOperations, id: string, kind: Kind) => {
    remove(running, id)
    running.kinds.set(id, kind)
    counts[kind] += 1
    tellIfAnswered(running)
  }
  return {
    started: (running: RunningOperations, id: string) => set(running, id, 'answer'),
    /** It turned out to be a subscription. */
    streams: (running: RunningOperations, id: string) => set(running, id, 'stream'),
    ended(running: RunningOperations, id: string) {
      remove(running, id)
      tellIfAnswered(running)
    },
    /** The client has completed it. A subscription stops at once; a query or mutation still counts until it has run. */
    completed(running: RunningOperations, id: string) {
      if (running.kinds.get(id) === 'stream') remove(running, id)
    },
    /** Resolves when every query and mutation has been answered. */
    async answered(running: RunningOperations) {
      if (!isAnswering(running)) return
      running.answered ??= Promise.withResolvers<void>()
      await running.answered.promise
      // graphql-ws sends the last message of an operation right after it has told of its end.
      await nextTurn()
    },
  }
}

const isAnswering = ({ kinds }: RunningOperations) => kinds.values().some((kind) => kind === 'answer')
