import type { ApolloClient, OperationVariables } from '@apollo/client'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { toApiError } from './api-error.ts'

/**
 * Runs a mutation and gives its data; throws `ApiError`. Data with an error beside it counts as done: the change is
 * made, only something that it links to is away.
 */
export async function mutate<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client
    .mutate<Data, OperationVariables>({ mutation, variables, errorPolicy: 'all', fetchPolicy: 'no-cache' })
    .catch((failure: unknown) => {
      throw toApiError(failure)
    })
  if (!data) throw toApiError(error)
  return data as Data
}
