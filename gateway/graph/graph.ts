import '../telemetry.ts'
import federation from '@apollo/federation-internals'
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { type LiveMarks, readLiveMarks } from './live-marks.ts'

/** A supergraph: how its operations are planned and run. */
export interface Graph {
  /** What clients see. */
  schema: GraphQLSchema
  /** The names of its subgraphs. */
  subgraphs: string[]
  marks: LiveMarks
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

  return {
    schema,
    subgraphs: supergraph.subgraphsMetadata().map(({ name }) => name),
    marks: readLiveMarks(supergraph.schema),
    plan: (document, operationName) =>
      planner.buildQueryPlan(federation.operationFromDocument(apiSchema, document, { operationName })),
    async run(plan, { document, operationName, variables, context, dataSources }) {
      const operationContext = buildOperationContext({ schema, operationDocument: document, operationName })
      // Only these parts of a request context are read by the plan's execution.
      const requestContext = { request: { variables }, context, metrics: {} } as never
      const result = await executeQueryPlan(
        plan,
        dataSources,
        requestContext,
        operationContext,
        supergraphSchema,
        apiSchema,
      )
      return { data: result.data, errors: result.errors }
    },
  }
}
