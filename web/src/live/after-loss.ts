import { closeCodes } from '../../../schema/close-codes.ts'
import { type ApiError, fromGraphQLErrors, type GraphQLErrorLike } from '../api/api-error.ts'

/** How a subscription came to its end: the socket closed, the server answered with an error, or it just stopped. */
export type Loss = { kind: 'closed'; code: number } | { kind: 'refused'; error: ApiError } | { kind: 'lost' }

export type AfterLoss = 'sign-out' | 'refresh' | 'resume' | 'resume-slowly' | 'give-up'

/** What a follower does next. Close codes and error codes are the server's. */
export function afterLoss(loss: Loss): AfterLoss {
  switch (loss.kind) {
    case 'closed':
      return afterClose(loss.code)
    case 'refused':
      return afterRefusal(loss.error.code)
    case 'lost':
      return 'resume'
  }
}

function afterClose(code: number): AfterLoss {
  switch (code) {
    case closeCodes.signedOut:
      return 'sign-out'
    case closeCodes.tokenNeeded:
      return 'refresh'
    case closeCodes.tooMany:
      return 'resume-slowly'
    default:
      return 'resume'
  }
}

function afterRefusal(code: string): AfterLoss {
  switch (code) {
    case 'FORBIDDEN':
    case 'NOT_FOUND':
    case 'BAD_USER_INPUT':
      return 'give-up'
    case 'UNAUTHENTICATED':
      return 'refresh'
    case 'TOO_MANY_REQUESTS':
      return 'resume-slowly'
    default:
      return 'resume'
  }
}

/** Reads what graphql-ws hands to a sink's `error`: a close event, a list of GraphQL errors, or anything else. */
export function lossFrom(failure: unknown): Loss {
  if (isErrorList(failure)) return { kind: 'refused', error: fromGraphQLErrors(failure) }
  if (typeof failure === 'object' && failure !== null && 'code' in failure && typeof failure.code === 'number') {
    return { kind: 'closed', code: failure.code }
  }
  return { kind: 'lost' }
}

function isErrorList(failure: unknown): failure is readonly GraphQLErrorLike[] {
  return Array.isArray(failure) && failure.length > 0
}
