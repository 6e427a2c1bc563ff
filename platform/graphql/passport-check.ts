import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type PassportCheck, type PassportRefusal, passportHeader, refusalHeader } from '../identity/passport.ts'
import type { PassportGuard } from '../peers/passport-guard.ts'

// Through a gateway with the wrong key this reaches clients, who are not signed out by it.
const refusal = { errors: [{ message: 'A passport is needed.', extensions: { code: 'UNAVAILABLE' } }] }

/** Refuses `/graphql` with 401 before anything is parsed, unless the request carries a passport for this subgraph and its body. */
export function requirePassport(app: FastifyInstance, subgraph: string, guard: PassportGuard): void {
  const heads = new WeakMap<FastifyRequest, PassportCheck>()
  const refuse = (reply: FastifyReply, reason: PassportRefusal) =>
    reply.code(401).header(refusalHeader, reason).send(refusal)

  app.addHook('onRequest', async (request, reply) => {
    if (!isGraphql(request)) return
    const head = guard.checkHead(subgraph, request.headers[passportHeader])
    heads.set(request, head)
    if (head.refusal) return refuse(reply, head.refusal)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.addHook('preValidation', async (request, reply) => {
    const { body } = request
    if (!Buffer.isBuffer(body)) return
    const head = heads.get(request)
    if (head && guard.refusesBody(head, request.headers[passportHeader], body)) return refuse(reply, 'body')
    try {
      request.body = JSON.parse(body.toString())
    } catch {
      throw Object.assign(new Error('The body is not JSON.'), { statusCode: 400 })
    }
  })
}

// The route, not the address: the router finds it under other spellings too (`/%67raphql`).
const isGraphql = (request: FastifyRequest) => request.routeOptions.url === '/graphql'
