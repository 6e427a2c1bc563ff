/**
 * Every code that a client can meet in `extensions.code`, with what it does then: in words, for the table of `docs/clients.md`,
 * and for a client that would ask again (`next`, as for close codes).
 */
export const errorAdvice = {
  BAD_USER_INPUT: {
    advice: 'correct the input; `extensions.field` names the field, the message names the rule',
    next: 'give-up',
  },
  UNAUTHENTICATED: { advice: 'sign in, or refresh', next: 'new-token' },
  FORBIDDEN: { advice: 'the message says why', next: 'give-up' },
  NOT_FOUND: { advice: 'there is none, or none that you may see', next: 'give-up' },
  CONFLICT: { advice: 'the message says with what', next: 'give-up' },
  TOO_MANY_REQUESTS: { advice: 'wait `extensions.retryAfter` seconds', next: 'resume-later' },
  UNAVAILABLE: { advice: 'a part is away: try again after `extensions.retryAfter` seconds', next: 'resume' },
  INTERNAL_SERVER_ERROR: { advice: 'a bug of ours: report `extensions.requestId`', next: 'resume-later' },
} as const

export type ErrorCode = keyof typeof errorAdvice
export const errorCodes = Object.keys(errorAdvice) as ErrorCode[]

/** What a client may know beside the code: the input field at fault, the seconds to wait before a retry, or the limit that was passed. */
export interface ErrorDetails {
  field?: string
  retryAfter?: number
  /** The name of the limit, how much was asked for, and how much it allows. */
  limit?: string
  asked?: number
  allowed?: number
}

/**
 * An error that is meant for the client: its message and details are shown as they are. Everything else is masked. It is expected, and
 * has no stack: taking one costs more than the refusal of a request may.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

export const badInput = (field: string, rule: string) => new AppError('BAD_USER_INPUT', `${field}: ${rule}`, { field })
/** The response grew past its bound while it was made. `asked` is how far it came. */
export const responseTooLarge = (asked: number, allowed: number) =>
  new AppError('BAD_USER_INPUT', `query: its response must have at most ${allowed} bytes, and has more: ask for less`, {
    field: 'query',
    limit: 'response_bytes',
    asked,
    allowed,
  })
export const unauthenticated = (message = 'Sign in first.') => new AppError('UNAUTHENTICATED', message)
export const forbidden = (message: string) => new AppError('FORBIDDEN', message)
export const notFound = (what: string) => new AppError('NOT_FOUND', `${what} was not found.`)
export const conflict = (message: string, field?: string) =>
  new AppError('CONFLICT', message, field === undefined ? {} : { field })
/** `reached` names the limit and how much it allows. */
export const tooManyRequests = (retryAfter: number, reached: Pick<ErrorDetails, 'limit' | 'allowed'> = {}) =>
  new AppError('TOO_MANY_REQUESTS', `Too many requests: try again in ${retryAfter} s.`, { retryAfter, ...reached })
export const unavailable = (message: string, retryAfter = 1) => new AppError('UNAVAILABLE', message, { retryAfter })
