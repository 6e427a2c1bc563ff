import { type DocumentNode, GraphQLError, getVariableValues, type OperationDefinitionNode, parse } from 'graphql'
import { AppError } from '../../platform/errors/app-error.ts'
import type { OperationLimits } from '../config.ts'
import type { Graph } from '../graph/graph.ts'
import { measureOperation, type OperationCost } from './cost/measure-operation.ts'
import type { Walked } from './cost/selection-rules.ts'
import { type Definitions, readDefinitions } from './document/definitions.ts'
import { checkIgnoredText } from './document/ignored-text.ts'
import { hashOfText, type KnownDocument, type KnownDocuments } from './document/known-documents.ts'
import type { CountLimit } from './limit-count.ts'
import { checkRequest, type OperationRequest } from './operation-request.ts'
import { OverLimit } from './over-limit.ts'
import { noteValid, problemOf } from './validate-once.ts'
import { checkVariableNames } from './variables.ts'

export interface CheckedOperation {
  /** Equal texts share it. It is valid on the current graph. */
  document: DocumentNode
  operation: OperationDefinitionNode
  cost: OperationCost
}

/**
 * Parses an operation, measures what it would cost, and holds that against every limit, before it is validated: validation itself can be
 * made expensive. Throws a `GraphQLError` (syntax, variables, validation) or `BAD_USER_INPUT`.
 * `walked` counts what of it was walked until then.
 */
export type CheckOperation = (request: OperationRequest, walked?: Walked) => CheckedOperation

export interface OperationCheckOptions {
  limits: OperationLimits
  development: boolean
  graph(): Pick<Graph, 'schema' | 'costs'>
  documents: KnownDocuments
  countLimit: CountLimit
  /** Told what each operation costs that is within the limits. */
  noteCost(cost: OperationCost): void
}

export function createOperationCheck(options: OperationCheckOptions): CheckOperation {
  const { limits, development, graph, documents, countLimit, noteCost } = options
  const check = (request: OperationRequest, walked: Walked): CheckedOperation => {
    checkRequest(request, limits.maxVariableDepth)
    const current = graph()
    const { schema } = current
    const hash = hashOfText(request.query)
    const kept = documents.get(hash)
    const read = kept ?? readText(request.query, limits)
    const operation = operationIn(read.definitions, request.operationName)
    const definitions = operation.variableDefinitions ?? []
    checkVariableNames(definitions)
    const { coerced, errors } = getVariableValues(schema, definitions, request.variables ?? {}, { maxErrors: 1 })
    if (errors) throw errors[0]
    const cost = measure(read.definitions, operation, coerced, current, limits, development, walked)
    const problem = problemOf(schema, read.document, { suggestions: development })
    if (problem) throw problem
    noteCost(cost)
    if (kept) return { document: kept.document, operation, cost }
    const copy = documents.keep(hash, read.document)
    noteValid(schema, copy.document)
    return { document: copy.document, operation: operationIn(copy.definitions, request.operationName), cost }
  }
  return (request, walked = { selections: 0 }) => {
    try {
      return check(request, walked)
    } catch (error) {
      if (error instanceof AppError) countLimit(error instanceof OverLimit ? error.limit : 'operation')
      throw error
    }
  }
}

function readText(query: string, { maxTokens, maxIgnoredCharacters }: OperationLimits): KnownDocument {
  const comments = checkIgnoredText(query, maxIgnoredCharacters)
  const tooMany = () => new OverLimit('tokens', maxTokens + 1, maxTokens, 'tokens and comments')
  if (comments > maxTokens) throw tooMany()
  try {
    const document = parse(query, { maxTokens: maxTokens - comments })
    return { document, definitions: readDefinitions(document) }
  } catch (error) {
    if (error instanceof GraphQLError && error.message.endsWith('tokens. Parsing aborted.')) throw tooMany()
    throw error
  }
}

function operationIn({ operations }: Definitions, operationName: string | null | undefined): OperationDefinitionNode {
  const [named, another] =
    operationName == null ? operations : operations.filter(({ name }) => name?.value === operationName)
  if (!named || another) throw new GraphQLError('Name one operation of the document in operationName.')
  return named
}

/** The cost of the operation that runs. The others of the document are validated, too: they count for the limit of fields. */
function measure(
  { operations, fragments }: Definitions,
  running: OperationDefinitionNode,
  variables: Record<string, unknown>,
  { schema, costs }: Pick<Graph, 'schema' | 'costs'>,
  limits: OperationLimits,
  development: boolean,
  walked: Walked,
): OperationCost {
  const measureOne = (operation: OperationDefinitionNode) =>
    measureOperation(operation, {
      table: costs,
      rootType: schema.getRootType(operation.operation)?.name ?? '',
      fragments,
      variables,
      limits,
      isProduction: !development,
      walked,
    })
  for (const operation of operations) if (operation !== running) measureOne(operation)
  const cost = measureOne(running)
  const { points, responseBytes } = cost
  if (points > limits.maxCost) throw new OverLimit('cost', points, limits.maxCost, 'points')
  if (responseBytes > limits.maxResponseBytes) {
    throw new OverLimit('response_bytes', responseBytes, limits.maxResponseBytes, 'bytes in its response, by estimate')
  }
  return cost
}
