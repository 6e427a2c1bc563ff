import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import type { FastifyRequest } from 'fastify'
import { badInput } from '../../platform/errors/app-error.ts'
import { neverSentUnasked } from '../apollo.ts'
import type { OperationRequest } from '../limits/operation-request.ts'

/** What a request to the graph asks for, by GET or POST; undefined for a GET that asks for nothing. */
export type Asked = Partial<OperationRequest> & { extensions?: unknown }

/** Reads a request once: what the limits see is what runs. Throws `BAD_USER_INPUT`. */
export function readGraphqlRequest({ method, body, query }: FastifyRequest): Asked | undefined {
  return method === 'POST' ? fromBody(body) : fromSearch(query as Record<string, string | string[]>)
}

function fromBody(body: unknown): Asked {
  if (body === undefined) throw badInput('body', 'must not be empty')
  if (Array.isArray(body)) throw badInput('body', 'must be one operation: batches are not served')
  if (typeof body !== 'object' || body === null)
    throw badInput('body', 'must be an object with the operation as "query"')
  return body as Asked
}

function fromSearch(search: Record<string, string | string[]>): Asked | undefined {
  const { query, operationName, variables, extensions } = search
  for (const [name, value] of Object.entries({ query, operationName, variables, extensions })) {
    if (Array.isArray(value)) throw badInput(name, 'must be given once')
  }
  if (query === undefined && extensions === undefined) return undefined
  return {
    query: query as string,
    // In a URL an empty name is none.
    operationName: (operationName as string) || undefined,
    variables: parsed('variables', variables as string),
    extensions: parsed('extensions', extensions as string),
  }
}

function parsed(name: string, text: string | undefined): Record<string, unknown> | undefined {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw badInput(name, 'must be JSON')
  }
}

/**
 * The request as Apollo Server takes it. It gets the headers that it decides by and no others: what it parses of them is bounded. A body
 * was read as JSON, whatever else stands in the client's `content-type`.
 */
export function toApolloRequest(request: FastifyRequest, asked: Asked | undefined): HTTPGraphQLRequest {
  const { method } = request
  const headers = new HeaderMap()
  for (const name of method === 'GET' ? [...readByApollo, 'content-type'] : readByApollo) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, [value].flat().join(', '))
  }
  if (method === 'POST') headers.set('content-type', 'application/json')
  return { method, headers, search: method === 'GET' && asked ? searchOf(asked) : '', body: request.body }
}

const readByApollo = ['accept', ...neverSentUnasked]

function searchOf({ query, operationName, variables }: Asked): string {
  const search = new URLSearchParams({ query: query ?? '' })
  if (operationName) search.set('operationName', operationName)
  if (variables) search.set('variables', JSON.stringify(variables))
  return search.toString()
}
