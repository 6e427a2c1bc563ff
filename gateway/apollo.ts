import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import { execute, Kind } from 'graphql'
import type { ErrorReply } from '../platform/graphql/error-reply.ts'
import type { Logger } from '../platform/logging/logger.ts'
import type { GatewayContext } from './context.ts'
import type { Graphs } from './graph/graphs.ts'
import type { KnownDocuments } from './limits/document/known-documents.ts'
import { isKnownValid } from './limits/validate-once.ts'

/**
 * A GET has to bring one of these: a page of another site cannot send them without a preflight. `authorization` is one, because
 * the gateway takes nothing but a bearer token in it, which no browser sends by itself.
 */
export const neverSentUnasked = [
  'authorization',
  'x-apollo-operation-name',
  'apollo-require-preflight',
  'x-requested-with',
]

/** Apollo Server over the graph: queries and mutations, with Apollo Sandbox in development. */
export async function startApollo(options: {
  graphs: Graphs
  documents: KnownDocuments
  development: boolean
  errorReply: ErrorReply
  logger: Logger
}): Promise<ApolloServer<GatewayContext>> {
  const { graphs, documents, development, errorReply, logger } = options
  const apollo = new ApolloServer<GatewayContext>({
    gateway: graphs.gateway,
    formatError: errorReply,
    introspection: development,
    hideSchemaDetailsFromClientErrors: !development,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    csrfPrevention: { requestHeaders: neverSentUnasked },
    documentStore: checkedDocuments(graphs, documents),
    logger,
    plugins: [
      answerIntrospection(graphs),
      development
        ? ApolloServerPluginLandingPageLocalDefault({ footer: false })
        : ApolloServerPluginLandingPageDisabled(),
    ],
  })
  await apollo.start()
  return apollo
}

/** Introspection is answered from the schema: the planner knows less of it than graphql-js does (`isOneOf`), and would be asked in vain. */
const answerIntrospection = (graphs: Graphs): ApolloServerPlugin<GatewayContext> => ({
  requestDidStart: async () => ({
    async responseForOperation({ document, operation, request: { variables, operationName } }) {
      const selects = operation.selectionSet.selections
      if (!selects.every((each) => each.kind === Kind.FIELD && each.name.value.startsWith('__'))) return null
      const { schema } = graphs.current()
      const singleResult = await execute({ schema, document, variableValues: variables, operationName })
      return { http: { status: undefined, headers: new HeaderMap() }, body: { kind: 'single', singleResult } }
    },
  }),
})

const lengthOfHash = 64

/**
 * What Apollo Server runs is what was checked: it neither parses nor validates a text again, and keeps none of its own. Its keys end with
 * the hash of the text. A document that was dropped meanwhile, or is not valid on a new graph, is for Apollo Server to look at itself.
 */
const checkedDocuments = (
  graphs: Graphs,
  documents: KnownDocuments,
): ApolloServerOptions<GatewayContext>['documentStore'] => ({
  async get(key) {
    const document = documents.get(key.slice(-lengthOfHash))?.document
    return document && isKnownValid(graphs.current().schema, document) ? document : undefined
  },
  async set() {},
  async delete() {},
})
