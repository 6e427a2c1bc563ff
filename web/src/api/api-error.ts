import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors'

/** The part of a GraphQL error that the client reads. */
export interface GraphQLErrorLike {
  readonly message: string
  readonly extensions?: { readonly [key: string]: unknown }
}

/**
 * What a request came to when it did not succeed. `code` is the server's, or `NETWORK` when no answer came, or `UNEXPECTED` for a
 * fault of this page.
 */
export class ApiError extends Error {
  readonly code: string
  /** Messages by the name of the input field that they are about. */
  readonly fields: Readonly<Record<string, string>>
  /** Seconds to wait before the next try, where the server says so. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    code: string,
    given: { fields?: Readonly<Record<string, string>>; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: given.cause })
    this.name = 'ApiError'
    this.code = code
    this.fields = given.fields ?? {}
    this.retryAfter = given.retryAfter
  }
}

export function fromGraphQLErrors(errors: readonly GraphQLErrorLike[]): ApiError {
  const [first] = errors
  const extensions = first?.extensions ?? {}
  const code = typeof extensions.code === 'string' ? extensions.code : 'INTERNAL_SERVER_ERROR'
  const retryAfter = typeof extensions.retryAfter === 'number' ? extensions.retryAfter : undefined
  return new ApiError(explain(code, first?.message, retryAfter), code, { fields: fieldMessages(errors), retryAfter })
}

/** Any failure as an `ApiError`, whichever layer it comes from. */
export function toApiError(failure: unknown): ApiError {
  if (failure instanceof ApiError) return failure
  if (CombinedGraphQLErrors.is(failure)) return fromGraphQLErrors(failure.errors)
  if (ServerError.is(failure)) return fromReply(failure.statusCode, failure.bodyText)
  const message = `Something went wrong in this page (${textOf(failure)}). Reload it and try again.`
  return new ApiError(message, 'UNEXPECTED', { cause: failure })
}

/** What can be told of anything that was thrown, on one line. */
export function textOf(failure: unknown): string {
  const text = failure instanceof Error ? failure.message || failure.name : String(failure)
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}

const longestText = 200

/** An HTTP reply that carries no data: its GraphQL errors, or what its status says. */
export function fromReply(status: number, body: string): ApiError {
  const errors = errorsIn(body)
  if (errors.length > 0) return fromGraphQLErrors(errors)
  const code = status === 429 ? 'TOO_MANY_REQUESTS' : status >= 500 ? 'UNAVAILABLE' : 'INTERNAL_SERVER_ERROR'
  return new ApiError(explain(code), code)
}

function errorsIn(body: string): GraphQLErrorLike[] {
  try {
    const reply: unknown = JSON.parse(body)
    if (typeof reply === 'object' && reply !== null && 'errors' in reply && Array.isArray(reply.errors)) {
      return reply.errors
    }
  } catch {
    // Not JSON: a proxy's page, not the graph's answer.
  }
  return []
}

function fieldMessages(errors: readonly GraphQLErrorLike[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { message, extensions } of errors) {
    if (typeof extensions?.field !== 'string') continue
    const name = extensions.field.split('.').at(-1) ?? extensions.field
    fields[name] ??= withoutName(message, name)
  }
  return fields
}

/** The message stands at the field's label, so the field's name in front of it says nothing. */
function withoutName(message: string, name: string): string {
  if (!message.startsWith(`${name}: `)) return message
  const rest = message.slice(name.length + 2)
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

function explain(code: string, message?: string, retryAfter?: number): string {
  switch (code) {
    case 'TOO_MANY_REQUESTS':
      return retryAfter === undefined
        ? 'That was too often. Try again in a moment.'
        : `That was too often. Try again in ${Math.ceil(retryAfter)} s.`
    case 'UNAVAILABLE':
      return 'The server is busy. Try again in a moment.'
    case 'INTERNAL_SERVER_ERROR':
      return 'Something went wrong on the server. Try again.'
    default:
      return message ?? 'That did not work. Try again.'
  }
}
