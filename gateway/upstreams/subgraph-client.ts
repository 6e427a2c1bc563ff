import { setTimeout as pause } from 'node:timers/promises'
import type { GraphQLDataSource } from '@apollo/gateway'
import { type GraphQLFormattedError, Kind, parse } from 'graphql'
import type { Dispatcher, Pool } from 'undici'
import { AppError } from '../../platform/errors/app-error.ts'
import { maxResponseBytesHeader } from '../../platform/graphql/response-meter.ts'
import { type Passports, passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import { viewerHeader } from '../../platform/identity/viewer.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { RefusalReport } from '../../platform/peers/refusal-report.ts'
import type { SubgraphConfig } from '../config.ts'
import type { GatewayContext } from '../context.ts'
import type { ReplyBudget } from '../limits/reply-budget.ts'
import { createLiveness } from './liveness.ts'
import { createReplicas } from './replicas.ts'
import { ConnectionLost, closePool, createPool, NotTaken, Refused, wasCutOff, wasNotTaken } from './subgraph-request.ts'

export interface SubgraphClient extends GraphQLDataSource<GatewayContext> {
  close(): Promise<void>
}

export interface SubgraphClientOptions extends SubgraphConfig {
  name: string
  passports: Passports
  refusals?: Pick<RefusalReport, 'refused'>
  /** How long a replica may leave the gateway without a sign of life, in milliseconds. */
  heartbeat?: number
  /** Whether a root field of a mutation says that an equal request has the effect of one. */
  isIdempotent?(mutationField: string): boolean
  logger: Logger
}

type SubgraphResponse = Awaited<ReturnType<GraphQLDataSource['process']>>

interface SubgraphReply {
  /** Of an answer that is no result. */
  statusCode?: number
  data?: Record<string, unknown> | null
  errors?: GraphQLFormattedError[]
}

/**
 * How often a request is made at most, within the time of its operation. A query under which connections break may be what breaks them:
 * it is asked once more, and no further. A mutation that says it is idempotent is small, and worth more.
 */
const mostTries = { notTaken: 5, query: 2, mutation: 20 }
/** Before a request is made for the third time or more, it waits at random up to so many milliseconds, doubled each time. */
const [firstPause, longestPause] = [50, 500]

/**
 * Sends operations to one subgraph over HTTP, to its replicas in turn, within the time of the operation. What a replica did not take is asked of
 * another; so is what lost its connection, if it is a query or idempotent. What timed out is not asked again, nor a mutation that may
 * have begun. A subgraph that is away or too slow is an `UNAVAILABLE` error at the path of every entity that was asked of it, and the
 * rest of the result still arrives.
 */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const {
    name,
    urls,
    cookies = [],
    passports,
    refusals,
    heartbeat = 5_000,
    isIdempotent = () => false,
    logger,
  } = options
  const parts = urls.map((url) => ({ url, pool: createPool(url, heartbeat), liveness: createLiveness(url, heartbeat) }))
  const replicas = createReplicas(parts)

  const post = async (
    { url, pool }: { url: string; pool: Pool },
    body: string,
    context: GatewayContext,
    signal: AbortSignal,
  ): Promise<SubgraphReply> => {
    const { authorization, viewer, clientIp, isHttps, userAgent } = context
    const response = await pool.request({
      method: 'POST',
      path: '/graphql',
      signal,
      body,
      headers: {
        'content-type': 'application/json',
        [passportHeader]: passports.issue(name, body),
        ...(authorization && { authorization }),
        ...(viewer && { [viewerHeader]: viewer }),
        ...(clientIp && { 'x-client-ip': clientIp }),
        ...(isHttps && { 'x-client-proto': 'https' }),
        ...(userAgent && { 'user-agent': userAgent }),
        ...(context.replies && { [maxResponseBytesHeader]: String(context.replies.left()) }),
        ...cookieHeader(context.cookies, cookies),
      },
    })
    const refusal = response.headers[refusalHeader]
    if (refusal) {
      await response.body.dump()
      refusals?.refused(name, url, String(refusal))
      throw new Refused(`${name} refuses this gateway (${refusal})`)
    }
    const setCookie = response.headers['set-cookie']
    for (const cookie of [setCookie ?? []].flat()) if (cookies.includes(nameOf(cookie))) context.setCookie?.(cookie)
    // A proxy's word that it lost the replica, or could not reach it.
    if (response.statusCode === 502) throw new ConnectionLost(`the proxy of ${name} lost the connection`)
    const reply = JSON.parse(await textWithin(response.body, context.replies)) as SubgraphReply
    if (reply.data || reply.errors) return reply
    const problem = `${name} answered ${response.statusCode} without a result`
    // A server that closes says so in its own words; a proxy's 503 may follow a request that was taken.
    throw reply.statusCode === 503 ? new NotTaken(problem) : new Error(problem)
  }

  const send = async (
    request: { query?: string; operationName?: string; variables?: object },
    context: GatewayContext,
  ): Promise<SubgraphReply> => {
    const body = JSON.stringify(request)
    const mostTriesAfter = (error: unknown): number => {
      if (wasNotTaken(error)) return mostTries.notTaken
      return wasCutOff(error) ? mostTriesOf(request.query ?? '', isIdempotent) : 1
    }
    for (let tries = 1; ; tries += 1) {
      const replica = replicas.next()
      const { liveness } = replica.part
      try {
        return await liveness.watch(context.signal, (signal) => post(replica.part, body, context, signal))
      } catch (error) {
        // A caller who left, or asks too much, says nothing of the replica.
        if (context.signal.aborted || error instanceof AppError) throw error
        replica.rest()
        if (tries >= mostTriesAfter(error)) throw error
        logger[error instanceof Refused ? 'debug' : 'info'](
          { err: error, subgraph: name },
          'a replica did not answer; the next one is asked',
        )
        // The first time it is another replica, or a connection that had broken before; then it is the network.
        if (tries > 1)
          await pause(Math.random() * Math.min(longestPause, firstPause * 2 ** tries), undefined, {
            signal: context.signal,
          })
      }
    }
  }

  return {
    async process({ request, context }) {
      const { query, operationName, variables } = request
      try {
        return await send({ query, operationName, variables }, context as GatewayContext)
      } catch (error) {
        if (error instanceof AppError) return tooMuchReply(error)
        logger[error instanceof Refused ? 'debug' : 'warn']({ err: error, subgraph: name }, 'a subgraph did not answer')
        return awayReply(variables)
      }
    },
    close: async () =>
      void (await Promise.all(parts.flatMap(({ pool, liveness }) => [closePool(pool), liveness.close()]))),
  }
}

/** How often a request may be made whose connection breaks: a mutation once, unless each of its root fields is idempotent. */
function mostTriesOf(query: string, isIdempotent: (mutationField: string) => boolean): number {
  if (!/^\s*mutation\b/.test(query)) return mostTries.query
  // What the planner writes: fields alone stand at the root.
  const operation = parse(query).definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)
  const fields = operation?.selectionSet.selections ?? []
  return fields.every((field) => field.kind === Kind.FIELD && isIdempotent(field.name.value)) ? mostTries.mutation : 1
}

/** Reads a reply. Throws once the operation's replies are larger together than they may be, and takes no more of it then. */
async function textWithin(body: Dispatcher.ResponseData['body'], replies: ReplyBudget | undefined): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) {
    // Leaving the loop destroys the body, and closes the connection: the subgraph stops then.
    replies?.take(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The reply in place of one that was larger than it may be. */
export const tooMuchReply = ({ message, code, details }: AppError): SubgraphResponse => ({
  data: null,
  errors: [{ message, extensions: { code, ...details } }] as unknown as SubgraphResponse['errors'],
})

/** The reply of a subgraph that is away: one error for each entity that was asked for, so that each lands at its own path. */
export function awayReply(variables: Record<string, unknown> | undefined): SubgraphResponse {
  const error = { message: 'A part of the graph is away.', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }
  const asked = variables?.representations
  const errors = Array.isArray(asked) ? asked.map((_, index) => ({ ...error, path: ['_entities', index] })) : [error]
  return { data: null, errors: errors as SubgraphResponse['errors'] }
}

const nameOf = (cookie: string) => cookie.slice(0, Math.max(0, cookie.indexOf('='))).trim()

/** Of the client's cookies those that have these names. Other applications on the host have cookies of their own. */
function cookieHeader(sent: string | undefined, names: string[]): { cookie?: string } {
  const known = names.length > 0 && sent ? sent.split(';').filter((cookie) => names.includes(nameOf(cookie))) : []
  return known.length > 0 ? { cookie: known.map((cookie) => cookie.trim()).join('; ') } : {}
}
