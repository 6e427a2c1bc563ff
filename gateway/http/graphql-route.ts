import type { ApolloServer } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OperationTypeNode } from 'graphql'
import type { ErrorReply } from '../../platform/graphql/error-reply.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import type { GatewayContext } from '../context.ts'
import type { AdmitOperation } from '../limits/admit-operation.ts'
import type { OperationRate, RateCaller } from '../limits/operation-rate.ts'
import type { OperationRequest } from '../limits/operation-request.ts'
import { createReplyBudget } from '../limits/reply-budget.ts'
import type { FairTurns } from '../turns/fair-turns.ts'
import { ownerOf } from '../turns/owner.ts'
import { answerErrors, answerThrown, refuse } from './answer-errors.ts'
import type { ClientConnection } from './client-connection.ts'
import { type Asked, readGraphqlRequest, toApolloRequest } from './graphql-request.ts'
import { mediaTypeFor, prefersPage } from './media-type.ts'

export interface GraphqlRouteOptions {
  apollo: ApolloServer<GatewayContext>
  identify: Identify
  rate: OperationRate
  admit: AdmitOperation
  /** Callers take turns with planning, too. */
  turns: FairTurns
  connection: ClientConnection
  errorReply: ErrorReply
  /** How long an operation may run, in milliseconds. */
  operationTimeout: number
  /** How many bytes the replies of subgraphs to one operation may have together. */
  maxResponseBytes: number
  /** Whether a browser that opens the address gets a page. */
  hasPage: boolean
}

/** `/graphql`: queries and mutations by POST, queries by GET, behind the limits. Follows the GraphQL-over-HTTP specification. */
export function addGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const { apollo, identify, rate, admit, turns, connection, errorReply, operationTimeout, maxResponseBytes, hasPage } =
    options
  const callers = new WeakMap<FastifyRequest, RateCaller>()
  const paid = new WeakSet<FastifyRequest>()
  const operations = new WeakMap<FastifyRequest, Asked>()
  const mutations = new WeakSet<FastifyRequest>()
  const timeout = () => AbortSignal.timeout(operationTimeout)

  /** The address while nobody knows the user. */
  const callerOf = (request: FastifyRequest): RateCaller =>
    callers.get(request) ?? { clientIp: connection.address(request.raw) }
  /** Before anything runs: a mutation whose answer nobody reads would have been made all the same. */
  const negotiate = async ({ method, headers: { accept } }: FastifyRequest, reply: FastifyReply) => {
    if (mediaTypeFor(accept) || (method === 'GET' && hasPage && prefersPage(accept))) return
    const message =
      'The answer is application/json or application/graphql-response+json: accept one of them. Subscribe over WebSocket.'
    return refuse(reply, 406, message, { field: 'accept' })
  }
  /** Before the body is read: who cannot pay what any request costs is refused, and what is refused later is charged to somebody. */
  const identifyCaller = async (request: FastifyRequest) => {
    const clientIp = connection.address(request.raw)
    // A bad token is refused here, once, and not by each subgraph for its part; guessing tokens counts too.
    const viewer = await identify(request.headers.authorization).catch(async (error) => {
      await charge(request)
      throw error
    })
    const caller = viewer === 'anonymous' ? { clientIp } : { clientIp, userId: viewer.userId }
    callers.set(request, caller)
    rate.refuseSpent(caller)
  }
  /** Takes what any request costs: of the caller, or of the address while nobody knows the caller. */
  const charge = async (request: FastifyRequest) => {
    paid.add(request)
    await rate.take(callerOf(request))
  }
  const admitOperation = async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      const asked = readGraphqlRequest(request)
      // A browser that opens the page is shown Apollo Sandbox, or nothing.
      if (asked === undefined || wantsStoredOperation(asked)) {
        await charge(request)
        return asked && answerErrors(reply, 400, [notStored])
      }
      paid.add(request)
      const { operation } = await admit(asked as OperationRequest, callerOf(request))
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) return refuse(reply, 400, 'Subscribe over WebSocket.')
      if (operation.operation === OperationTypeNode.MUTATION && request.method === 'GET') {
        return refuse(reply.header('allow', 'POST'), 405, 'A mutation has to come by POST.')
      }
      if (operation.operation === OperationTypeNode.MUTATION) mutations.add(request)
      operations.set(request, asked)
    } catch (error) {
      return answerThrown(reply, errorReply, error, 400)
    }
  }
  app.addHook('onSend', async (request, reply) => {
    const isRefused = reply.statusCode >= 400 && /^\/graphql\/?(\?|$)/.test(request.url)
    // Whatever refused it, its method, its headers or its body: the answer says so already.
    if (isRefused && !paid.has(request)) await charge(request).catch(() => {})
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    onRequest: [identifyCaller, refuseCompressed, negotiate],
    preHandler: admitOperation,
    handler: async (request, reply) => {
      const { authorization, cookie, 'user-agent': userAgent } = request.headers
      const context = async (): Promise<GatewayContext> => ({
        authorization,
        cookies: cookie,
        userAgent,
        clientIp: connection.address(request.raw),
        isHttps: connection.isHttps(request.raw),
        // A mutation that has begun is made, whoever waits for its answer.
        signal: mutations.has(request) ? timeout() : AbortSignal.any([timeout(), goneSignal(reply)]),
        replies: createReplyBudget(maxResponseBytes),
        setCookie: (value) => void reply.header('set-cookie', value),
      })
      const httpGraphQLRequest = toApolloRequest(request, operations.get(request))
      const { status, headers, body } = await turns.run(ownerOf(callerOf(request)), () =>
        apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context }),
      )
      for (const [name, value] of headers) reply.header(name, value)
      // `@defer` is not in the schema, so an answer never comes in parts.
      return reply.code(status ?? 200).send(body.kind === 'complete' ? body.string : '')
    },
  })
}

/** Aborted when the client hangs up before it has its answer. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

async function refuseCompressed({ headers: { 'content-encoding': encoding } }: FastifyRequest, reply: FastifyReply) {
  if (!encoding || encoding === 'identity') return
  return refuse(reply.header('accept-encoding', 'identity'), 415, 'The body must not be compressed.')
}

/** A client with automatic persisted queries asks by hash first; told in these words, it sends the whole text from then on. */
const wantsStoredOperation = ({ query, extensions }: Asked) =>
  query === undefined && typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions

const notStored = { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }
