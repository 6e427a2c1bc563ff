import type { ExecutionResult } from 'graphql'
import type { Listening } from './sharing/shared-stream.ts'

/** A client's subscription as it runs on one graph. */
export interface RunnableSubscription {
  /** Whether it can go on after a cursor. */
  resumable: boolean
  /** Opens the client's own upstream, after a cursor if there is one. `onOverflow` is called when more waits of it than may. */
  open(after: string | undefined, onOverflow: () => void): AsyncGenerator<ExecutionResult, void>
  /** An event of that upstream with the fields of every subgraph. Rejects when the signal aborts before its turn has come. */
  toPayload(event: ExecutionResult, signal: AbortSignal): Promise<Buffer>
  /** Joins the stream that all who ask alike share; none for a subscription that is nobody else's. */
  join?(cursor: string): Promise<Listening | undefined>
}
