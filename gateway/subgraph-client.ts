import type { GraphQLDataSource } from '@apollo/gateway'
import type { GraphQLFormattedError } from 'graphql'
import { Pool } from 'undici'
import { type Passports, passportHeader } from '../platform/identity/passport.ts'
import type { Logger } from '../platform/logging/logger.ts'
import type { SubgraphConfig } from './config.ts'
import type { GatewayContext } from './context.ts'

export interface SubgraphClient extends GraphQLDataSource<GatewayContext> {
  close(): Promise<void>
}

export interface SubgraphClientOptions extends SubgraphConfig {
  name: string
  passports: Passports
  logger: Logger
}

const connections = 64
const maxReplyBytes = 32_000_000

type SubgraphResponse = Awaited<ReturnType<GraphQLDataSource['process']>>

interface SubgraphReply {
  data?: Record<string, unknown> | null
  errors?: GraphQLFormattedError[]
}

/**
 * Sends operations to one subgraph over HTTP, over a pool of connections. A subgraph that is away or too slow is an `UNAVAILABLE`
 * error at the path of every entity that was asked of it, and the rest of the result still arrives.
 */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { name, url, cookies, passports, logger } = options
  const { origin, pathname } = new URL('/graphql', url)
  const pool = new Pool(origin, {
    connections,
    connect: { timeout: 2_000 },
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    maxResponseSize: maxReplyBytes,
  })

  const send = async (body: string, context: GatewayContext): Promise<SubgraphReply> => {
    const { authorization, clientIp, userAgent, signal } = context
    const response = await pool.request({
      method: 'POST',
      path: pathname,
      signal,
      body,
      headers: {
        'content-type': 'application/json',
        [passportHeader]: passports.issue(name, body),
        ...(authorization && { authorization }),
        ...(clientIp && { 'x-client-ip': clientIp }),
        ...(userAgent && { 'user-agent': userAgent }),
        ...(cookies && context.cookies && { cookie: context.cookies }),
      },
    })
    const setCookie = response.headers['set-cookie']
    if (cookies && setCookie) for (const cookie of [setCookie].flat()) context.setCookie?.(cookie)
    const reply = (await response.body.json()) as SubgraphReply
    if (!reply.data && !reply.errors) throw new Error(`${name} answered ${response.statusCode} without a result`)
    return reply
  }

  return {
    async process({ request, context }) {
      const { query, operationName, variables } = request
      try {
        return await send(JSON.stringify({ query, operationName, variables }), context as GatewayContext)
      } catch (error) {
        logger.warn({ err: error, subgraph: name }, 'a subgraph did not answer')
        return awayReply(variables)
      }
    },
    close: () => pool.close(),
  }
}

/** The reply of a subgraph that is away: one error for each entity that was asked for, so that each lands at its own path. */
export function awayReply(variables: Record<string, unknown> | undefined): SubgraphResponse {
  const error = { message: 'A part of the graph is away.', extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }
  const asked = variables?.representations
  const errors = Array.isArray(asked) ? asked.map((_, index) => ({ ...error, path: ['_entities', index] })) : [error]
  return { data: null, errors: errors as SubgraphResponse['errors'] }
}
