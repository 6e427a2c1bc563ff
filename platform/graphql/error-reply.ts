import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AppError, type ErrorCode, type ErrorDetails, errorCodes } from '../errors/app-error.ts'
import { longestMessage, shortMessage } from '../errors/short-message.ts'
import type { Logger } from '../logging/logger.ts'
import { inputProblem } from './input-problem.ts'

/** Apollo's and graphql-js's own codes that stand for a bad request. */
const requestCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
])

/**
 * The one place that turns an error into what a client sees. Known errors keep their message, code and details; bad requests
 * keep their message; anything else is logged once and masked with a request id.
 */
export function createErrorReply(logger: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { locations, path } = formatted
    const place = { ...(locations && { locations }), ...(path && { path: path.map(shortStep) }) }
    const cause = rootCause(error)
    if (cause instanceof AppError) {
      return { message: shortMessage(cause.message), ...place, extensions: { code: cause.code, ...cause.details } }
    }
    const extensions = formatted.extensions ?? {}
    // An error that a subgraph has already made fit for the client; a gateway passes it on.
    if (isKnown(extensions.code) && extensions.code !== 'INTERNAL_SERVER_ERROR') {
      return { message: shortMessage(formatted.message), ...place, extensions: pick(extensions) }
    }
    const isBadRequest =
      extensions.code === undefined ? !path && isRequestError(cause) : requestCodes.has(String(extensions.code))
    if (isBadRequest) {
      const message = inputProblem(formatted.message, cause)
      const field = variableIn(message)
      return {
        message: shortMessage(message),
        ...place,
        extensions: { code: 'BAD_USER_INPUT', ...(field && { field }) },
      }
    }
    const requestId = typeof extensions.requestId === 'string' ? extensions.requestId : randomUUID()
    if (extensions.requestId === undefined) logger.error({ err: cause, requestId }, 'a request failed')
    const message = `Something went wrong. Request id: ${requestId}`
    return { message, ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }
  }
}

/** A step of a path is an alias that the client chose, of any length. */
const shortStep = (step: string | number) => (typeof step === 'string' ? shortMessage(step) : step)

export type ErrorReply = ReturnType<typeof createErrorReply>

/** The same, for errors outside Apollo Server. */
export const replyTo = (reply: ErrorReply, error: unknown): GraphQLFormattedError =>
  reply(error instanceof GraphQLError ? error.toJSON() : { message: 'failed' }, error)

/** Any error as graphql-js has them; what it was stays inside, for `replyTo`. */
export function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const { stackTraceLimit } = Error
  // The stack that tells something is the one of the original error.
  Error.stackTraceLimit = 0
  try {
    return new GraphQLError('failed', { originalError: error as Error })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The variable, or the field of it, that is wrong: `Variable "$input" at "input.text": …`. */
function variableIn(message: string): string | undefined {
  const [, variable, field] = /^Variable "\$(\w+)"(?: at "([\w.[\]]+)")?/.exec(message) ?? []
  return (field ?? variable)?.slice(0, longestMessage)
}

const isKnown = (code: unknown): code is ErrorCode => errorCodes.some((known) => known === code)

const shownDetails = ['field', 'retryAfter', 'limit', 'asked', 'allowed'] satisfies (keyof ErrorDetails)[]

const pick = (extensions: Record<string, unknown>) => {
  const shown = shownDetails.filter((name) => extensions[name] !== undefined)
  return { code: extensions.code, ...Object.fromEntries(shown.map((name) => [name, extensions[name]])) }
}

function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootCause(error.originalError) : error
}

/** graphql-js's own errors of a document or its variables: no original error, and no path into a result. A value that does not
 * serialise is such an error too, inside of one with a path. */
const isRequestError = (error: unknown) => error instanceof GraphQLError && error.path === undefined
