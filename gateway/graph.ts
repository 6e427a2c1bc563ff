import './telemetry.ts'
import federation from '@apollo/federation-internals'
import { ApolloGateway, buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { GatewayContext } from './context.ts'

/** The supergraph: how its operations are planned and run. */
export interface Graph {
  /** What clients see. */
  schema: GraphQLSchema
  /** Runs queries and mutations; Apollo Server takes it. */
  gateway: ApolloGateway
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

const keptPlans = 1_000

/** Builds the graph from its composed SDL. `dataSources`: one for each subgraph. Throws when one is missing. */
export function createGraph(supergraphSdl: string, dataSources: Record<string, GraphQLDataSource>): Graph {
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => {
      const dataSource = dataSources[name]
      if (!dataSource) throw new Error(`The supergraph has a subgraph "${name}" that the gateway was not told about`)
      return dataSource
    },
  })
  const supergraph = federation.Supergraph.build(supergraphSdl)
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema()
  const apiSchema = supergraph.apiSchema()
  const schema = apiSchema.toGraphQLJSSchema()
  const planner = new QueryPlanner(supergraph)
  const plans = new LRUCache<string, QueryPlan>({ max: keptPlans })

  return {
    schema,
    gateway,
    plan(document, operationName) {
      const key = `${operationName ?? ''}\n${document.loc?.source.body}`
      const known = plans.get(key)
      if (known) return known
      const plan = planner.buildQueryPlan(federation.operationFromDocument(apiSchema, document, { operationName }))
      plans.set(key, plan)
      return plan
    },
    async run(plan, { document, operationName, variables, context, dataSources: sources }) {
      const operationContext = buildOperationContext({ schema, operationDocument: document, operationName })
      // Only these parts of a request context are read by the plan's execution.
      const requestContext = { request: { variables }, context, metrics: {} } as never
      const result = await executeQueryPlan(
        plan,
        sources,
        requestContext,
        operationContext,
        supergraphSchema,
        apiSchema,
      )
      return { data: result.data, errors: result.errors }
    },
  }
}
