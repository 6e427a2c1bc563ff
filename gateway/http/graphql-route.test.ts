import type { ApolloServer } from '@apollo/server'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type FastifyInstance, fastify } from 'fastify'
import { type OperationDefinitionNode, parse } from 'graphql'
import { createErrorReply } from '../../platform/graphql/error-reply.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import type { GatewayContext } from '../context.ts'
import type { FairTurns } from '../turns/fair-turns.ts'
import { answerThrown } from './answer-errors.ts'
import { addGraphqlRoute, type GraphqlRouteOptions } from './graphql-route.ts'

let app: FastifyInstance
afterEach(() => app.close())

const errorReply = createErrorReply(createLogger('gateway', 'silent'))
const executeHTTPGraphQLRequest: ApolloServer<GatewayContext>['executeHTTPGraphQLRequest'] = async ({ context }) => {
  const { signal } = await context()
  return { status: signal.aborted ? 504 : 200, headers: new Map() as never, body: { kind: 'complete', string: '{}' } }
}
/** Asks a gateway that takes turns like this. */
const ask = (kind: string, run: FairTurns['run']) => {
  app = fastify()
  app.setErrorHandler((error, _, reply) => answerThrown(reply, errorReply, error))
  addGraphqlRoute(app, {
    apollo: { executeHTTPGraphQLRequest },
    identify: async () => 'anonymous',
    rate: { take: async () => {}, refuseSpent() {} },
    admit: async ({ query }: { query: string }) => ({
      operation: parse(query).definitions[0] as OperationDefinitionNode,
    }),
    turns: { run },
    connection: { address: () => '192.0.2.1', isHttps: () => false },
    errorReply,
    operationTimeout: 100,
    maxResponseBytes: 1_000,
  } as unknown as GraphqlRouteOptions)
  return app.inject({ method: 'POST', url: '/graphql', payload: { query: `${kind} { __typename }` } })
}

describe.each(['query', 'mutation'])('a %s', (kind) => {
  it('that has its turn in time is run', async () => {
    expect(await ask(kind, (_, work) => work())).toMatchObject({ statusCode: 200 })
  })

  it('is answered when its time is over and its turn has not come', async () => {
    const neverItsTurn: FairTurns['run'] = (_, __, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    const answer = await ask(kind, neverItsTurn)
    expect([answer.statusCode, answer.json()]).toMatchObject([
      503,
      { errors: [{ extensions: { code: 'UNAVAILABLE' } }] },
    ])
  })
})
