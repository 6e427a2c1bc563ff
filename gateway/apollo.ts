import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import type { ErrorReply } from '../platform/graphql/error-reply.ts'
import type { Logger } from '../platform/logging/logger.ts'
import type { GatewayContext } from './context.ts'
import type { Graphs } from './graph/graphs.ts'

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
