import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { fromGraphQLErrors, fromReply, toApiError } from './api-error.ts'
import { timedFetch } from './timed-fetch.ts'

export type Post = <Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  accessToken?: string,
) => Promise<Data>

/**
 * One operation outside Apollo Client. The session needs it, because Apollo's requests wait for the session's token.
 * Throws `ApiError`; errors beside data are dropped.
 */
export const post: Post = async (document, variables, accessToken) => {
  const response = await timedFetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify({ query: print(document), variables }),
  }).catch((failure: unknown) => {
    throw toApiError(failure)
  })
  const body = await response.text().catch((failure: unknown) => {
    throw toApiError(failure)
  })
  const reply = parse(body)
  if (reply?.data) return reply.data
  throw reply?.errors ? fromGraphQLErrors(reply.errors) : fromReply(response.status, body)
}

function parse(body: string) {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
