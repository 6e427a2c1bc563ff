import { ApolloClient, InMemoryCache } from '@apollo/client'
import { ApolloLink } from '@apollo/client/link'
import { SetContextLink } from '@apollo/client/link/context'
import { ErrorLink } from '@apollo/client/link/error'
import { HttpLink } from '@apollo/client/link/http'
import { relayStylePagination } from '@apollo/client/utilities'
import { from, switchMap } from 'rxjs'
import type { Session } from '../session/session.ts'
import { toApiError } from './api-error.ts'
import { timedFetch } from './timed-fetch.ts'

/** Queries and mutations over HTTP. A request that the server calls unauthenticated is tried once more with a new token. */
export function createApolloClient(session: Session): ApolloClient {
  const authorize = new SetContextLink(async () => ({
    headers: { authorization: `Bearer ${await session.freshToken()}` },
  }))
  const renew = new ErrorLink(({ error, operation, forward }) => {
    if (toApiError(error).code !== 'UNAUTHENTICATED') return
    return from(session.refresh()).pipe(
      switchMap((accessToken) => {
        operation.setContext({ headers: { authorization: `Bearer ${accessToken}` } })
        return forward(operation)
      }),
    )
  })
  return new ApolloClient({
    link: ApolloLink.from([authorize, renew, new HttpLink({ uri: '/graphql', fetch: timedFetch })]),
    cache: new InMemoryCache({
      typePolicies: {
        Query: { fields: { publicRooms: relayStylePagination(['search']) } },
        Room: { fields: { members: relayStylePagination() } },
      },
    }),
  })
}
