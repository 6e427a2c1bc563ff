import type { GraphQLDataSource } from '@apollo/gateway'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import type { GatewayContext } from '../context.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { createReplyBudget } from '../limits/reply-budget.ts'
import { askTogether } from './ask-together.ts'
import { boundedReplies, chargedToEvent } from './budgets/event-replies.ts'
import type { PlannedSubscription } from './planning/planned-subscription.ts'
import { resolveRest } from './resolve-rest.ts'
import { skipWhileSlow } from './skip-while-slow.ts'
import { UpstreamErrors } from './upstream.ts'

export interface EventCompletionOptions {
  dataSources: Record<string, GraphQLDataSource>
  /** See `skipWhileSlow`, in milliseconds. */
  restTimeout: number
  /** How many bytes the replies of subgraphs to one event may have together. */
  maxEventBytes: number
  countLimit: CountLimit
  errorReply: ErrorReply
}

/** Completes the events of subscriptions with the fields of other subgraphs; gives the payload of a `next` message. */
export type CompleteEvent = (
  subscription: PlannedSubscription,
  event: ExecutionResult,
  operation: { variables: Record<string, unknown>; context: Omit<GatewayContext, 'signal'> },
) => Promise<Buffer>

export function createEventCompletion(options: EventCompletionOptions): CompleteEvent {
  const { dataSources, restTimeout, maxEventBytes, countLimit, errorReply } = options
  const patient = Object.fromEntries(
    Object.entries(dataSources).map(([name, source]) => {
      const asked = askTogether(skipWhileSlow(boundedReplies(source, maxEventBytes), restTimeout))
      return [name, chargedToEvent(asked, () => countLimit('event_bytes'))]
    }),
  )
  // Each call to another subgraph has a time of its own.
  const signal = new AbortController().signal
  return async ({ graph, document, operationName, node }, event, { variables, context }) => {
    const replies = createReplyBudget(maxEventBytes)
    const eventContext = { ...context, signal, replies }
    const operation = { document, operationName, variables, dataSources: patient, context: eventContext }
    const { data, errors } = event.data ? await resolveRest(graph, node, event, operation) : event
    // Skipping an event would be a hole that nobody sees: the stream ends instead, and a client that resumes gets it again.
    if (!data) throw new UpstreamErrors(errors?.length ? errors : [{ message: 'The event has no data.' }])
    const told = errors?.map((error) => (error instanceof GraphQLError ? replyTo(errorReply, error) : error))
    return Buffer.from(JSON.stringify({ data, ...(told && { errors: told }) }))
  }
}
