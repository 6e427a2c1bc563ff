import type { ApolloServer } from '@apollo/server'
import { afterEach, expect, it } from '@jest/globals'
import { type FastifyInstance, fastify } from 'fastify'
import { type OperationDefinitionNode, parse } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { addGraphqlRoute, type GraphqlRouteOptions } from './graphql-route.ts'

let app: FastifyInstance
afterEach(() => app.close())

it.each(['query', 'mutation'])('the time of a %s runs while it waits for its turn', async (kind) => {
  const operationTimeout = 20
  const aborted: boolean[] = []
  const executeHTTPGraphQLRequest: ApolloServer<GatewayContext>['executeHTTPGraphQLRequest'] = async ({ context }) => {
    aborted.push((await context()).signal.aborted)
    return { status: 200, headers: new Map() as never, body: { kind: 'complete', string: '{}' } }
  }
  const isOver = async (signal: AbortSignal) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    return promise
  }
  app = fastify()
  addGraphqlRoute(app, {
    apollo: { executeHTTPGraphQLRequest },
    identify: async () => 'anonymous',
    rate: { take: async () => {}, refuseSpent() {} },
    admit: async ({ query }: { query: string }) => ({
      operation: parse(query).definitions[0] as OperationDefinitionNode,
    }),
    turns: {
      run: async <T>(_: string, work: () => Promise<T>) => {
        // The turn comes when a timer has run out that is as long as the operation's and was started after it.
        await isOver(AbortSignal.timeout(operationTimeout))
        return work()
      },
    },
    connection: { address: () => '192.0.2.1', isHttps: () => false },
    operationTimeout,
    maxResponseBytes: 1_000,
  } as unknown as GraphqlRouteOptions)
  const answer = await app.inject({ method: 'POST', url: '/graphql', payload: { query: `${kind} { __typename }` } })
  expect([answer.statusCode, aborted]).toEqual([200, [true]])
})
