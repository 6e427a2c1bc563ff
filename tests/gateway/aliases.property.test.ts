import type { QueryPlan, SubscriptionNode } from '@apollo/query-planner'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type ExecutionResult, execute, type GraphQLObjectType, OperationTypeNode, parse, validate } from 'graphql'
import { createGraph } from '../../gateway/graph/graph.ts'
import { resolveRest } from '../../gateway/subscriptions/resolve-rest.ts'
import { createChance } from '../delivery/chance.ts'
import { generateOperation } from './library/generate-operation.ts'
import { libraryEvents, libraryRoot, openLibrary } from './library/library.ts'

const { supergraphSdl, dataSources } = openLibrary()
const graph = createGraph(supergraphSdl)
const variables = { v: 'v' }
const context = {} as never

/** Valid operations of one kind. */
const operations = (kind: OperationTypeNode) =>
  fc.nat().map((seed) => {
    const chance = createChance(seed)
    const root = graph.schema.getRootType(kind)
    for (;;) {
      const query = generateOperation(graph.schema, root as GraphQLObjectType, kind, chance.below)
      if (validate(graph.schema, parse(query)).length === 0) return query
    }
  })

/** As text where the order of fields counts: Apollo changes it in operations that are run as they are. */
const seen = (query: string, { data, errors }: ExecutionResult) => {
  const text = JSON.stringify({ query, data, errors })
  return graph.ownNames(parse(query), undefined) ? text : JSON.parse(text)
}

describe('whatever aliases stand under whatever type conditions, the gateway gives what one server with all fields gives', () => {
  const oracle = (document: ReturnType<typeof parse>, rootValue: unknown = libraryRoot) =>
    execute({ schema: graph.schema, document, rootValue, variableValues: variables })

  it.each([OperationTypeNode.QUERY, OperationTypeNode.MUTATION])('for a %s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(operations(kind), async (query) => {
        const document = parse(query)
        const operation = { document, operationName: undefined, variables, context, dataSources }
        const result = await graph.run(graph.plan(document, undefined), operation)
        expect(seen(query, result)).toEqual(seen(query, await oracle(document)))
      }),
      { numRuns: 60 },
    )
  })

  it('for the events of a subscription', async () => {
    await fc.assert(
      fc.asyncProperty(operations(OperationTypeNode.SUBSCRIPTION), async (query) => {
        const document = parse(query)
        const { node } = graph.plan(document, undefined) as QueryPlan & { node: SubscriptionNode }
        for (const items of libraryEvents) {
          // The subgraph gives the event under the names that the plan asks for.
          const schema = graph.schema
          const event = await execute({
            schema,
            document: parse(node.primary.operation),
            rootValue: { items },
            variableValues: variables,
          })
          const operation = { document, operationName: undefined, variables, context, dataSources }
          const result = await resolveRest(graph, node, event, operation)
          expect(seen(query, result)).toEqual(seen(query, await oracle(document, { items })))
        }
      }),
      { numRuns: 25 },
    )
  })
})
