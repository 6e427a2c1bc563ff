import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
} from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'
import type { OperationLimits } from '../config.ts'
import { checkExclusiveMutations } from './exclusive-mutations.ts'
import { checkIntrospection } from './introspection.ts'
import { checkNodes } from './nodes.ts'
import { checkSelections } from './selections.ts'
import { checkVariables } from './variables.ts'

/** What a client asks for. */
export interface OperationRequest {
  query: string
  operationName?: string | null
  variables?: Record<string, unknown> | null
}

export interface CheckedOperation {
  document: DocumentNode
  operation: OperationDefinitionNode
  /** What it counts for: each root field of a mutation is a call. */
  calls: number
}

/**
 * Parses an operation and holds it against every limit, before it is validated: validation itself can be made expensive.
 * Throws a `GraphQLError` (syntax) or `BAD_USER_INPUT`.
 */
export function checkOperation(
  request: OperationRequest,
  limits: OperationLimits,
  development: boolean,
): CheckedOperation {
  const { query, operationName, variables } = request
  if (typeof query !== 'string' || query.trim() === '') throw badInput('query', 'must be the text of an operation')
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw badInput('variables', 'must be an object')
  }
  checkVariables(variables ?? {}, limits.maxVariableDepth)
  const document = parse(query, { maxTokens: limits.maxTokens })
  const operation = getOperationAST(document, operationName)
  if (!operation) throw new GraphQLError('Name one operation of the document in operationName.')
  // The others will not run, but they are validated.
  for (const other of document.definitions) {
    if (other.kind === Kind.OPERATION_DEFINITION && other !== operation) checkSelections(document, other, limits)
  }
  const rootFields = checkSelections(document, operation, limits)
  checkNodes(document, operation, variables ?? {}, limits)
  checkExclusiveMutations(document, operation, limits.exclusiveMutations)
  if (!development) checkIntrospection(document)
  const calls = operation.operation === OperationTypeNode.MUTATION ? rootFields : 1
  return { document, operation, calls }
}
