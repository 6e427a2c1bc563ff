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
import { routedPath } from './allowed-methods.ts'
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
  /** How long an admitted operation may take, in milliseconds, with the wait for its turn. */
  operationTimeout: number
  /** How many bytes the replies of subgraphs to one operation may have together. */
  maxResponseBytes: number
  /** Whether a browser that opens the address gets a page. */
  hasPage: boolean
}

const path = '/graphql'

/** `/graphql`: queries and mutations by POST, queries by GET, behind the limits. Follows the GraphQL-over-HTTP specification. */
export function addGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const { apollo, identify, rate, admit, turns, connection, errorReply, operationTimeout, maxResponseBytes, hasPage } =
    options
  const callers = new WeakMap<FastifyRequest, RateCaller>()
  const paid = new WeakSet<FastifyRequest>()
  const operations = new WeakMap<FastifyRequest, Asked>()
  const mutations = new WeakSet<FastifyRequest>()
  const waits = new WeakMap<FastifyRequest, Waits>()

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
    refuseSpent(request)
  }
  /** Whoever has no points left is refused without another look at the budgets, and pays nothing more. */
  const refuseSpent = (request: FastifyRequest) => {
    try {
      rate.refuseSpent(callerOf(request))
    } catch (error) {
      paid.add(request)
      throw error
    }
  }
  /** Takes what any request costs: of the caller, or of the address while nobody knows the caller. */
  const charge = async (request: FastifyRequest) => {
    refuseSpent(request)
    paid.add(request)
    await rate.take(callerOf(request))
  }
  const admitOperation = async (request: FastifyRequest, reply: FastifyReply) => {
    const timeout = AbortSignal.timeout(operationTimeout)
    const waited = AbortSignal.any([timeout, goneSignal(request, reply)])
    waits.set(request, { timeout, waited })
    try {
      const asked = readGraphqlRequest(request)
      // A browser that opens the page is shown Apollo Sandbox, or nothing.
      if (asked === undefined || wantsStoredOperation(asked)) {
        await charge(request)
        return asked && answerErrors(reply, 400, [notStored])
      }
      paid.add(request)
      const { operation } = await admit(asked as OperationRequest, callerOf(request), waited)
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
    if (reply.statusCode < 400 || paid.has(request)) return
    // A request with another method matches no route, or the one of preflights.
    const isHere = request.routeOptions.url === path || routedPath(request.url) === path
    // Whatever refused it, its method, its headers or its body: the answer says so already.
    if (isHere) await charge(request).catch(() => {})
  })
  app.route({
    method: ['GET', 'POST'],
    url: path,
    exposeHeadRoute: false,
    onRequest: [identifyCaller, refuseCompressed, negotiate],
    preHandler: admitOperation,
    handler: async (request, reply) => {
      const { authorization, cookie, 'user-agent': userAgent } = request.headers
      const { timeout, waited } = waits.get(request) as Waits
      // A mutation that was admitted is made, whoever waits for its answer.
      const signal = mutations.has(request) ? timeout : waited
      const context = async (): Promise<GatewayContext> => ({
        authorization,
        cookies: cookie,
        userAgent,
        clientIp: connection.address(request.raw),
        isHttps: connection.isHttps(request.raw),
        signal,
        replies: createReplyBudget(maxResponseBytes),
        setCookie: (value) => void reply.header('set-cookie', value),
      })
      const httpGraphQLRequest = toApolloRequest(request, operations.get(request))
      const run = () => apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context })
      const { status, headers, body } = await turns.run(ownerOf(callerOf(request)), run, { signal })
      for (const [name, value] of headers) reply.header(name, value)
      // `@defer` is not in the schema, so an answer never comes in parts.
      return reply.code(status ?? 200).send(body.kind === 'complete' ? body.string : '')
    },
  })
}

/** For how long an operation waits, and runs. */
interface Waits {
  /** Aborted when its time is over. */
  timeout: AbortSignal
  /** Aborted then, too, and when its client has hung up. */
  waited: AbortSignal
}

/**
 * Aborted when the client hangs up before it has its answer, or has done so already. Node tells a response that waits behind another one on
 * its connection nothing, so this listens to the connection itself.
 */
function goneSignal({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  const leave = () => gone.abort()
  if (socket.destroyed) leave()
  // One listener for each request that the client has pipelined.
  socket.setMaxListeners(0).once('close', leave)
  raw.once('finish', () => void socket.off('close', leave))
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
