import '../telemetry.ts'
import federation from '@apollo/federation-internals'
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { type CostTable, createCostTable } from '../limits/cost/cost-table.ts'
import { type LiveMarks, readLiveMarks } from './live-marks.ts'
import { type OwnAliases, withOwnAliases } from './own-aliases.ts'
import { readPlannerNames } from './planner-names.ts'

/** A supergraph: how its operations are planned and run. */
export interface Graph {
  /** What clients see. */
  schema: GraphQLSchema
  /** The names of its subgraphs. */
  subgraphs: string[]
  marks: LiveMarks
  /** See `withOwnAliases`. Decided once for each document and operation. */
  ownAliases(document: DocumentNode, operationName: string | undefined): OwnAliases | undefined
  costs: CostTable
  /** Throws a `GraphQLError` for what cannot be planned. Plans are not kept here. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan
  /** Runs a plan with these data sources by subgraph name. */
  run(plan: QueryPlan, operation: PlannedOperation): Promise<ExecutionResult>
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
  const decided = new WeakMap<DocumentNode, Map<string | undefined, OwnAliases | undefined>>()

  const ownAliases = (document: DocumentNode, operationName: string | undefined): OwnAliases | undefined => {
    const byOperation = decided.get(document) ?? new Map<string | undefined, OwnAliases | undefined>()
    decided.set(document, byOperation)
    if (!byOperation.has(operationName)) {
      byOperation.set(operationName, withOwnAliases(document, operationName, plannerNames))
    }
    return byOperation.get(operationName)
  }

  return {
    schema,
    subgraphs: supergraph.subgraphsMetadata().map(({ name }) => name),
    marks: readLiveMarks(supergraph.schema),
    ownAliases,
    plan(document, operationName) {
      const runnable = ownAliases(document, operationName)?.document ?? document
      return planner.buildQueryPlan(federation.operationFromDocument(apiSchema, runnable, { operationName }))
    },
    costs: createCostTable(supergraph.schema, schema),
    async run(plan, { document, operationName, variables, context, dataSources }) {
      const aliases = ownAliases(document, operationName)
      const operationDocument = aliases?.document ?? document
      const operationContext = buildOperationContext({ schema, operationDocument, operationName })
      // Only these parts of a request context are read by the plan's execution.
      const requestContext = { request: { variables }, context, metrics: {} } as never
      const { data, errors } = await executeQueryPlan(
        plan,
        dataSources,
        requestContext,
        operationContext,
        supergraphSchema,
        apiSchema,
      )
      return aliases ? aliases.restore({ data, errors }) : { data, errors }
    },
  }
}
