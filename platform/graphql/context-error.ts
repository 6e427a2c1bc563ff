import { GraphQLError } from 'graphql'
import { AppError, type ErrorCode } from '../errors/app-error.ts'

const statuses: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, TOO_MANY_REQUESTS: 429, UNAVAILABLE: 503 }

/** The HTTP status of a response that is this error as a whole: a client or proxy that reads no GraphQL sees what is wrong. */
export const httpStatusOf = ({ code }: AppError): number => statuses[code] ?? 400

/** The work, with its `AppError` made into one that gives the whole HTTP response its status. For Apollo Server's context. */
export async function withHttpStatus<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const http = { status: httpStatusOf(error) }
    throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http } })
  }
}
