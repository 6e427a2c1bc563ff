import { AppError } from './app-error.ts'

/** Why a part is away, where that is all that the error says; undefined for every other error. Outages are expected: no stack tells more. */
export function awayReason(error: unknown): string | undefined {
  if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') return undefined
  return error.cause instanceof Error ? error.cause.message : error.message
}
