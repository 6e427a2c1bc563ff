import { badInput } from '../../platform/errors/app-error.ts'
import { checkVariables } from './variables.ts'

/** What a client asks for. */
export interface OperationRequest {
  query: string
  operationName?: string | null
  variables?: Record<string, unknown> | null
}

const nameOfGraphql = /^[_A-Za-z][_0-9A-Za-z]*$/

/** Refuses a request whose parts are not what they must be: they come from JSON that nobody has checked. */
export function checkRequest(request: OperationRequest, maxVariableDepth: number): void {
  if (Array.isArray(request)) throw badInput('query', 'must be one operation: batches are not served')
  const { query, operationName, variables } = request
  if (typeof query !== 'string' || query.trim() === '') throw badInput('query', 'must be the text of an operation')
  if (operationName != null && (typeof operationName !== 'string' || !nameOfGraphql.test(operationName))) {
    throw badInput('operationName', 'must be the name of an operation, or be left out')
  }
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw badInput('variables', 'must be an object')
  }
  checkVariables(variables ?? {}, maxVariableDepth)
}
