import type { ApolloClient, OperationVariables } from '@apollo/client'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { toApiError } from './api-error.ts'

/** Runs a query against the server and gives its data; throws `ApiError` when there is none. */
export async function read<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client
    .query<Data, OperationVariables>({ query, variables, errorPolicy: 'all', fetchPolicy: 'no-cache' })
    .catch((failure: unknown) => {
      throw toApiError(failure)
    })
  if (!data) throw toApiError(error)
  return data as Data
}
