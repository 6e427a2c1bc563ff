import { AppError } from '../../platform/errors/app-error.ts'

/** The bounds of one operation, as metrics and the `limit` of an error name them. */
export const operationLimits = [
  'tokens',
  'ignored_characters',
  'depth',
  'fields',
  'aliases',
  'copies',
  'repeats',
  'variable_depth',
  'exclusive_mutations',
  'cost',
  'response_bytes',
] as const
export type OperationLimit = (typeof operationLimits)[number]

/** The error of an operation that asks for more than a limit allows: it says which, how much was asked, and how much is allowed. */
export class OverLimit extends AppError {
  readonly limit: OperationLimit

  constructor(limit: OperationLimit, asked: number, allowed: number, what: string) {
    const field = limit === 'variable_depth' ? 'variables' : 'query'
    const most = allowed === 1 ? 'one' : allowed
    const counted = Number.isFinite(asked) ? Math.ceil(asked) : Number.MAX_SAFE_INTEGER
    super('BAD_USER_INPUT', `${field}: must have at most ${most} ${what}, not ${counted}`, {
      field,
      limit,
      asked: counted,
      allowed,
    })
    this.limit = limit
  }
}
