import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { AppError, badInput } from '../../platform/errors/app-error.ts'
import type { OperationLimits } from '../config.ts'
import { checkExclusiveMutations } from './exclusive-mutations.ts'
import { checkIntrospection } from './introspection.ts'
import type { CountLimit } from './limit-count.ts'
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
  /** Equal texts share it. */
  document: DocumentNode
  operation: OperationDefinitionNode
  /** What it counts for: each root field of a mutation is a call. */
  calls: number
}

/**
 * Parses an operation and holds it against every limit, before it is validated: validation itself can be made expensive.
 * Throws a `GraphQLError` (syntax) or `BAD_USER_INPUT`.
 */
export type CheckOperation = (request: OperationRequest) => CheckedOperation

export interface OperationCheckOptions {
  limits: OperationLimits
  development: boolean
  countLimit: CountLimit
}

/** How many bytes of documents are kept, roughly. */
const keptBytes = 32_000_000
/** What a token costs in a parsed document, roughly: a thousand subscribers that each had their own would pay it a thousand times. */
const bytesOfToken = 350

export function createOperationCheck({ limits, development, countLimit }: OperationCheckOptions): CheckOperation {
  const kept = new LRUCache<string, CheckedOperation>({
    maxSize: keptBytes,
    sizeCalculation: ({ document }, key) => 2 * key.length + bytesOfToken * tokensOf(document),
  })
  const checkText = (query: string, operationName: string | undefined): CheckedOperation => {
    const key = `${operationName ?? ''}\n${query}`
    const checked = kept.get(key) ?? checkDocument(query, operationName, limits, development)
    kept.set(key, checked)
    return checked
  }
  return ({ query, operationName, variables }) => {
    try {
      if (typeof query !== 'string' || query.trim() === '') throw badInput('query', 'must be the text of an operation')
      if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
        throw badInput('variables', 'must be an object')
      }
      checkVariables(variables ?? {}, limits.maxVariableDepth)
      const checked = checkText(query, operationName ?? undefined)
      checkNodes(checked.document, checked.operation, variables ?? {}, limits)
      return checked
    } catch (error) {
      if (error instanceof AppError) countLimit('operation')
      throw error
    }
  }
}

/** All that does not depend on variables. */
function checkDocument(
  query: string,
  operationName: string | undefined,
  limits: OperationLimits,
  development: boolean,
): CheckedOperation {
  const document = parse(query, { maxTokens: limits.maxTokens })
  const operation = getOperationAST(document, operationName)
  if (!operation) throw new GraphQLError('Name one operation of the document in operationName.')
  // The others will not run, but they are validated.
  for (const other of document.definitions) {
    if (other.kind === Kind.OPERATION_DEFINITION && other !== operation) checkSelections(document, other, limits)
  }
  const rootFields = checkSelections(document, operation, limits)
  checkExclusiveMutations(document, operation, limits.exclusiveMutations)
  if (!development) checkIntrospection(document)
  const calls = operation.operation === OperationTypeNode.MUTATION ? rootFields : 1
  return { document, operation, calls }
}

function tokensOf({ loc }: DocumentNode): number {
  let count = 0
  for (let token = loc?.startToken; token; token = token.next ?? undefined) count += 1
  return count
}
