import type { FastifyReply } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'
import { AppError, type ErrorCode, type ErrorDetails } from '../../platform/errors/app-error.ts'
import { shortMessage } from '../../platform/errors/short-message.ts'
import { httpStatusOf } from '../../platform/graphql/context-error.ts'
import { type ErrorReply, replyTo } from '../../platform/graphql/error-reply.ts'
import { mediaTypeOfErrors } from './media-type.ts'

/**
 * Answers a request that comes to errors and no data. Every such answer of the gateway goes through here, whichever hook gives it:
 * it has the shape of a GraphQL response, in a media type that the client accepts, with the headers that belong to its status.
 */
export function answerErrors(reply: FastifyReply, status: number, errors: GraphQLFormattedError[]): FastifyReply {
  const retryAfter = errors[0]?.extensions?.retryAfter
  if (typeof retryAfter === 'number') reply.header('retry-after', String(Math.ceil(retryAfter)))
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).type(mediaTypeOfErrors(reply.request.headers.accept)).send(JSON.stringify({ errors }))
}

/** Refuses a request for what can be told of it without running it. `details.field` names the header or parameter at fault. */
export const refuse = (
  reply: FastifyReply,
  status: number,
  message: string,
  { code = 'BAD_USER_INPUT', ...details }: ErrorDetails & { code?: ErrorCode } = {},
): FastifyReply => answerErrors(reply, status, [{ message: shortMessage(message), extensions: { code, ...details } }])

/** Answers with what was thrown. Errors that are no `AppError` get this status. */
export const answerThrown = (reply: FastifyReply, errorReply: ErrorReply, error: unknown, status = 500): FastifyReply =>
  answerErrors(reply, error instanceof AppError ? httpStatusOf(error) : status, [replyTo(errorReply, error)])
