import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import type { ErrorReply } from '../platform/graphql/error-reply.ts'
import type { Logger } from '../platform/logging/logger.ts'
import type { GatewayContext } from './context.ts'
import type { Graphs } from './graph/graphs.ts'

/**
 * A GET has to bring one of these: a page of another site cannot send them without a preflight. `authorization` is one, because
 * the gateway takes nothing but a bearer token in it, which no browser sends by itself.
 */
const neverSentUnasked = ['authorization', 'x-apollo-operation-name', 'apollo-require-preflight', 'x-requested-with']

/** Apollo Server over the graph: queries and mutations, with Apollo Sandbox in development. */
export async function startApollo(options: {
  graphs: Graphs
  development: boolean
  errorReply: ErrorReply
  logger: Logger
}): Promise<ApolloServer<GatewayContext>> {
  const { graphs, development, errorReply, logger } = options
  const apollo = new ApolloServer<GatewayContext>({
    gateway: graphs.gateway,
    formatError: errorReply,
    introspection: development,
    hideSchemaDetailsFromClientErrors: !development,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    csrfPrevention: { requestHeaders: neverSentUnasked },
    logger,
    plugins: [
      development
        ? ApolloServerPluginLandingPageLocalDefault({ footer: false })
        : ApolloServerPluginLandingPageDisabled(),
    ],
  })
  await apollo.start()
  return apollo
}
