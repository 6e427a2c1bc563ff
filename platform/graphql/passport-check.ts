import type { FastifyInstance, FastifyRequest } from 'fastify'
import { passportHeader, refusalHeader } from '../identity/passport.ts'
import type { PassportGuard } from '../peers/passport-guard.ts'

// Through a gateway with the wrong key this reaches clients, who are not signed out by it.
const refusal = { errors: [{ message: 'A passport is needed.', extensions: { code: 'UNAVAILABLE' } }] }

/** Refuses `/graphql` with 401 before anything is parsed, unless the request carries a passport for this subgraph and its body. */
export function requirePassport(app: FastifyInstance, subgraph: string, guard: PassportGuard): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isGraphql(request)) return
    const reason = guard.refuses(subgraph, request.headers[passportHeader])
    if (reason) return reply.code(401).header(refusalHeader, reason).send(refusal)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isGraphql(request) && guard.refusesBody(request.headers[passportHeader], body as Buffer)) {
      return done(Object.assign(new Error('A passport for this body is needed.'), { statusCode: 401 }))
    }
    try {
      done(null, JSON.parse(body.toString()))
    } catch {
      done(Object.assign(new Error('The body is not JSON.'), { statusCode: 400 }))
    }
  })
}

// The route, not the address: the router finds it under other spellings too (`/%67raphql`).
const isGraphql = (request: FastifyRequest) => request.routeOptions.url === '/graphql'
