import '../telemetry.ts'
import federation from '@apollo/federation-internals'
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { type CostTable, createCostTable } from '../limits/cost/cost-table.ts'
import { type LiveMarks, readLiveMarks } from './live-marks.ts'
import { withOwnAliases } from './own-aliases.ts'
import { withOwnVariables } from './own-variables.ts'
import { readPlannerNames } from './planner-names.ts'

/** A supergraph: how its operations are planned and run. */
export interface Graph {
  /** What clients see. */
  schema: GraphQLSchema
  /** The names of its subgraphs. */
  subgraphs: string[]
  marks: LiveMarks
  /** See `withOwnAliases` and `withOwnVariables`. Decided once for each document and operation; undefined for most. */
  ownNames(document: DocumentNode, operationName: string | undefined): OwnNames | undefined
  costs: CostTable
  /** Throws a `GraphQLError` for what cannot be planned. Plans are not kept here. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan
  /** Runs a plan with these data sources by subgraph name. */
  run(plan: QueryPlan, operation: PlannedOperation): Promise<ExecutionResult>
}

/** How an operation runs whose names mean something else to the planner or the execution. */
export interface OwnNames {
  document: DocumentNode
  /** The client's variables by their names in that document. */
  variablesOf(given: Record<string, unknown>): Record<string, unknown>
  /** The result of that document as a result of the client's. */
  restore<Result extends ExecutionResult>(result: Result): Result
}

export interface PlannedOperation {
  document: DocumentNode
  operationName: string | undefined
  variables: Record<string, unknown>
  context: GatewayContext
  dataSources: Record<string, GraphQLDataSource>
}

/** Builds the graph from its composed SDL. Throws when it is none. */
export function createGraph(supergraphSdl: string): Graph {
  const supergraph = federation.Supergraph.build(supergraphSdl)
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema()
  const apiSchema = supergraph.apiSchema()
  const schema = apiSchema.toGraphQLJSSchema()
  const planner = new QueryPlanner(supergraph)
  const plannerNames = readPlannerNames(supergraph.schema)
  const decided = new WeakMap<DocumentNode, Map<string | undefined, OwnNames | undefined>>()

  const ownNames = (document: DocumentNode, operationName: string | undefined): OwnNames | undefined => {
    const byOperation = decided.get(document) ?? new Map<string | undefined, OwnNames | undefined>()
    decided.set(document, byOperation)
    if (!byOperation.has(operationName)) {
      byOperation.set(operationName, decideNames(document, operationName, plannerNames))
    }
    return byOperation.get(operationName)
  }

  return {
    schema,
    subgraphs: supergraph.subgraphsMetadata().map(({ name }) => name),
    marks: readLiveMarks(supergraph.schema),
    ownNames,
    plan(document, operationName) {
      const runnable = ownNames(document, operationName)?.document ?? document
      return planner.buildQueryPlan(federation.operationFromDocument(apiSchema, runnable, { operationName }))
    },
    costs: createCostTable(supergraph.schema, schema),
    async run(plan, { document, operationName, variables, context, dataSources }) {
      const own = ownNames(document, operationName)
      const operationDocument = own?.document ?? document
      const operationContext = buildOperationContext({ schema, operationDocument, operationName })
      // Only these parts of a request context are read by the plan's execution.
      const request = { variables: own?.variablesOf(variables) ?? variables }
      const requestContext = { request, context, metrics: {} } as never
      const { data, errors } = await executeQueryPlan(
        plan,
        dataSources,
        requestContext,
        operationContext,
        supergraphSchema,
        apiSchema,
      )
      return own ? own.restore({ data, errors }) : { data, errors }
    },
  }
}

function decideNames(
  document: DocumentNode,
  operationName: string | undefined,
  plannerNames: ReadonlySet<string>,
): OwnNames | undefined {
  const variables = withOwnVariables(document)
  const aliases = withOwnAliases(variables?.document ?? document, operationName, plannerNames)
  if (!variables && !aliases) return undefined
  return {
    document: aliases?.document ?? variables?.document ?? document,
    variablesOf: variables?.variablesOf ?? ((given) => given),
    restore: aliases?.restore ?? ((result) => result),
  }
}
