import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
  print,
  separateOperations,
  typeFromAST,
} from 'graphql'
import { defaultLimits } from '../../gateway/config.ts'
import { createGraph } from '../../gateway/graph/graph.ts'
import type { OperationCost } from '../../gateway/limits/cost/measure-operation.ts'
import { maxCopies, maxRepeats } from '../../gateway/limits/cost/selection-rules.ts'
import { createKnownDocuments } from '../../gateway/limits/document/known-documents.ts'
import { createOperationCheck } from '../../gateway/limits/operation-check.ts'
import type { OperationLimit } from '../../gateway/limits/over-limit.ts'
import { variables } from '../../gateway/process-config.ts'
import { defaultOf } from '../../platform/config/env.ts'

/** The setting of each limit, or what a fixed one bounds. */
const settings: Record<OperationLimit, keyof typeof variables | { meaning: string; allowed: number }> = {
  tokens: 'MAX_TOKENS',
  ignored_characters: 'MAX_IGNORED_CHARACTERS',
  depth: 'MAX_DEPTH',
  fields: 'MAX_FIELDS',
  aliases: 'MAX_ALIASES',
  copies: { meaning: 'names of one field without arguments in one object', allowed: maxCopies },
  repeats: { meaning: 'fields with selections that have one name at one place of the response', allowed: maxRepeats },
  variable_depth: 'MAX_VARIABLE_DEPTH',
  exclusive_mutations: 'EXCLUSIVE_MUTATIONS',
  cost: 'MAX_COST',
  response_bytes: 'MAX_RESPONSE_BYTES',
}

/** The limits of one operation, as errors and metrics name them. */
export function operationLimitTable(): string {
  const rows = Object.entries(settings).map(([limit, setting]) => {
    if (typeof setting === 'object') return `| \`${limit}\` | | ${setting.meaning} | ${setting.allowed} |`
    const variable = variables[setting]
    return `| \`${limit}\` | \`${setting}\` | ${variable.meaning} | ${defaultOf(variable)} |`
  })
  return ['| limit | setting | what it bounds | default |', '|---|---|---|---|', ...rows].join('\n')
}

export interface NamedCost {
  name: string
  cost: OperationCost
}

/** What the operations cost that are known to be asked: those of the web client, and the introspection of tools. */
export function costsOfKnownOperations(): NamedCost[] {
  const graph = createGraph(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'))
  const check = createOperationCheck({
    limits: defaultLimits,
    development: true,
    graph: () => graph,
    documents: createKnownDocuments(1_000_000),
    countLimit: () => {},
    noteCost: () => {},
  })
  const costOf = (name: string, document: DocumentNode): NamedCost => ({
    name,
    cost: check({ query: print(document), variables: sampleVariables(graph.schema, document) }).cost,
  })
  const ofWeb = Object.entries(webOperations()).map(([name, document]) => costOf(name, document))
  const introspection = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  })
  const ofTools = {
    name: 'introspection (Apollo Sandbox, GraphiQL, graphql-codegen)',
    cost: check({ query: introspection }).cost,
  }
  return [...ofWeb.toSorted((one, other) => other.cost.points - one.cost.points), ofTools]
}

export function operationCostTable(): string {
  const rows = costsOfKnownOperations().map(
    ({ name, cost }) => `| ${name} | ${cost.points} | ${Math.ceil(cost.responseBytes)} |`,
  )
  return ['| operation | points | bytes, by estimate |', '|---|---|---|', ...rows].join('\n')
}

/** The operations of the web client by name, each with the fragments that it spreads. */
function webOperations(): Record<string, DocumentNode> {
  const folder = fileURLToPath(new URL('../../web/src/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(?!generated).*\.tsx?$/.test(file),
  )
  const texts = files.flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/graphql\(`([^`]+)`\)/g)])
  return separateOperations(parse(texts.map(([, text]) => text).join('\n')))
}

/** Values for the variables that an operation cannot do without. */
function sampleVariables(schema: GraphQLSchema, document: DocumentNode): Record<string, unknown> {
  const definitions = getOperationAST(document)?.variableDefinitions ?? []
  return Object.fromEntries(
    definitions.map(({ variable, type }) => [variable.name.value, sampleOf(typeFromAST(schema, type as never))]),
  )
}

function sampleOf(type: GraphQLNamedType | GraphQLInputType | undefined): unknown {
  if (!isNonNullType(type)) return undefined
  const inner = type.ofType
  if (isListType(inner)) return []
  if (isEnumType(inner)) return inner.getValues()[0]?.name
  if (!isInputObjectType(inner)) return inner.name === 'Int' ? 1 : 'sample'
  return Object.fromEntries(Object.values(inner.getFields()).map((field) => [field.name, sampleOf(field.type)]))
}
