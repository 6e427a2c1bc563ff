import type { ApolloServer } from '@apollo/server'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type FastifyInstance, fastify } from 'fastify'
import { type OperationDefinitionNode, parse } from 'graphql'
import { unavailable } from '../../platform/errors/app-error.ts'
import { createErrorReply } from '../../platform/graphql/error-reply.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import type { GatewayContext } from '../context.ts'
import { answerThrown } from './answer-errors.ts'
import { addGraphqlRoute, type GraphqlRouteOptions } from './graphql-route.ts'

let app: FastifyInstance
afterEach(() => app.close())

const errorReply = createErrorReply(createLogger('gateway', 'silent'))
const executeHTTPGraphQLRequest: ApolloServer<GatewayContext>['executeHTTPGraphQLRequest'] = async ({ context }) => {
  const { signal } = await context()
  return { status: signal.aborted ? 504 : 200, headers: new Map() as never, body: { kind: 'complete', string: '{}' } }
}
/** Asks a gateway in which a check and a turn wait like this. */
const ask = (kind: string, { check = begin, turn = begin }: { check?: Wait; turn?: Wait }) => {
  app = fastify()
  app.setErrorHandler((error, _, reply) => answerThrown(reply, errorReply, error))
  addGraphqlRoute(app, {
    apollo: { executeHTTPGraphQLRequest },
    identify: async () => 'anonymous',
    rate: { take: async () => {}, refuseSpent() {} },
    admit: async ({ query }: { query: string }, _: unknown, signal: AbortSignal) => {
      await check(signal)
      return { operation: parse(query).definitions[0] as OperationDefinitionNode }
    },
    turns: {
      run: async <T>(_: string, work: () => Promise<T>, { signal }: { signal: AbortSignal }) => {
        await turn(signal)
        return work()
      },
    },
    connection: { address: () => '192.0.2.1', isHttps: () => false },
    errorReply,
    operationTimeout: 100,
    maxResponseBytes: 1_000,
  } as unknown as GraphqlRouteOptions)
  return app.inject({ method: 'POST', url: '/graphql', payload: { query: `${kind} { __typename }` } })
}
type Wait = (signal: AbortSignal) => Promise<void>
const begin: Wait = async () => {}
const neverBegin: Wait = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(unavailable('It was too late'))))

describe.each(['query', 'mutation'])('a %s', (kind) => {
  it('that has its turn in time is run', async () => {
    expect(await ask(kind, {})).toMatchObject({ statusCode: 200 })
  })

  it.each([
    ['checked', { check: neverBegin }],
    ['begun', { turn: neverBegin }],
  ])('is answered when its time is over before it was %s', async (_, waits) => {
    const answer = await ask(kind, waits)
    const expected = [503, { errors: [{ extensions: { code: 'UNAVAILABLE' } }] }]
    expect([answer.statusCode, answer.json()]).toMatchObject(expected)
  })
})
