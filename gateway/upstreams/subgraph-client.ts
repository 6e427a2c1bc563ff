import type { GraphQLDataSource } from '@apollo/gateway'
import type { GraphQLFormattedError } from 'graphql'
import type { Pool } from 'undici'
import { type Passports, passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import { viewerHeader } from '../../platform/identity/viewer.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { RefusalReport } from '../../platform/peers/refusal-report.ts'
import type { SubgraphConfig } from '../config.ts'
import type { GatewayContext } from '../context.ts'
import { createReplicas } from './replicas.ts'
import { createPool, NotTaken, patience, Refused, wasNotTaken } from './subgraph-request.ts'

export interface SubgraphClient extends GraphQLDataSource<GatewayContext> {
  close(): Promise<void>
}

export interface SubgraphClientOptions extends SubgraphConfig {
  name: string
  passports: Passports
  refusals?: Pick<RefusalReport, 'refused'>
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
 * Sends operations to one subgraph over HTTP, to its replicas in turn. When one does not take a request, or leaves a query without
 * an answer, another is asked; a mutation that may have begun is not repeated. A subgraph that is away or too slow is an
 * `UNAVAILABLE` error at the path of every entity that was asked of it, and the rest of the result still arrives.
 */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { name, urls, cookies, passports, refusals, logger } = options
  const pools = urls.map((url) => ({ url, pool: createPool(url) }))
  const replicas = createReplicas(pools)

  const post = async (
    { url, pool }: { url: string; pool: Pool },
    body: string,
    isMutation: boolean,
    context: GatewayContext,
  ): Promise<SubgraphReply> => {
    const { authorization, viewer, clientIp, userAgent, signal } = context
    const response = await pool.request({
      method: 'POST',
      path: '/graphql',
      signal,
      headersTimeout: isMutation ? patience.mutation : patience.query,
      body,
      headers: {
        'content-type': 'application/json',
        [passportHeader]: passports.issue(name, body),
        ...(authorization && { authorization }),
        ...(viewer && { [viewerHeader]: viewer }),
        ...(clientIp && { 'x-client-ip': clientIp }),
        ...(userAgent && { 'user-agent': userAgent }),
        ...(cookies && context.cookies && { cookie: context.cookies }),
      },
    })
    const refusal = response.headers[refusalHeader]
    if (refusal) {
      await response.body.dump()
      refusals?.refused(name, url, String(refusal))
      throw new Refused(`${name} refuses this gateway (${refusal})`)
    }
    const setCookie = response.headers['set-cookie']
    if (cookies && setCookie) for (const cookie of [setCookie].flat()) context.setCookie?.(cookie)
    const reply = (await response.body.json()) as SubgraphReply
    if (reply.data || reply.errors) return reply
    const problem = `${name} answered ${response.statusCode} without a result`
    // A server that closes says so in its own words; a proxy's 503 may follow a request that was taken.
    throw reply.statusCode === 503 ? new NotTaken(problem) : new Error(problem)
  }

  const send = async (body: string, isMutation: boolean, context: GatewayContext): Promise<SubgraphReply> => {
    for (let tries = 1; ; tries += 1) {
      const replica = replicas.next()
      try {
        return await post(replica.part, body, isMutation, context)
      } catch (error) {
        replica.rest()
        const mayRepeat = !context.signal.aborted && tries < 2 && (!isMutation || wasNotTaken(error))
        if (!mayRepeat) throw error
        logger[error instanceof Refused ? 'debug' : 'info'](
          { err: error, subgraph: name },
          'a replica did not answer; the next one is asked',
        )
      }
    }
  }

  return {
    async process({ request, context }) {
      const { query, operationName, variables } = request
      const isMutation = /^\s*mutation\b/.test(query ?? '')
      try {
        return await send(JSON.stringify({ query, operationName, variables }), isMutation, context as GatewayContext)
      } catch (error) {
        logger[error instanceof Refused ? 'debug' : 'warn']({ err: error, subgraph: name }, 'a subgraph did not answer')
        return awayReply(variables)
      }
    },
    close: async () => void (await Promise.all(pools.map(({ pool }) => pool.close()))),
  }
}

/** The reply of a subgraph that is away: one error for each entity that was asked for, so that each lands at its own path. */
export function awayReply(variables: Record<string, unknown> | undefined): SubgraphResponse {
  const error = { message: 'A part of the graph is away.', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }
  const asked = variables?.representations
  const errors = Array.isArray(asked) ? asked.map((_, index) => ({ ...error, path: ['_entities', index] })) : [error]
  return { data: null, errors: errors as SubgraphResponse['errors'] }
}
