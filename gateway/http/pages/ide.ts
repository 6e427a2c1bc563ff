import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import type { FastifyInstance } from 'fastify'

const welcome = `# Sign in with the mutation below, then paste {"authorization": "Bearer <accessToken>"} into Headers:
# queries, mutations and subscriptions then run as that user.

mutation SignIn {
  login(input: { username: "", password: "" }) {
    accessToken
    user { displayName }
  }
}
`

/** Serves GraphiQL at `/ide`: it needs nothing from the network, and its subscriptions run over `/graphql`. */
export function serveIde(app: FastifyInstance): void {
  const page = withHeadersInSubscriptions(
    renderGraphiQL({ title: 'Parley', endpoint: '/graphql', subscriptionsProtocol: 'WS', defaultQuery: welcome }),
  )
  app.get('/ide', (_, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'public, max-age=3600').send(page),
  )
}

/** The page gives its Headers pane to fetches only; a WebSocket takes them in its first message. Throws when it was built otherwise. */
function withHeadersInSubscriptions(page: string): string {
  const fetchOnly = /extensions:\{headers:(\w+)\?\.headers\}/
  if (!fetchOnly.test(page))
    throw new Error('GraphiQL does not pass its headers where it did: see gateway/http/pages/ide.ts')
  return page.replace(fetchOnly, 'extensions:{headers:$1?.headers,connectionParams:$1?.headers}')
}
