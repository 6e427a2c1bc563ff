import type { FastifyInstance } from 'fastify'
import { passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import { revokedSessionsAudience, revokedSessionsPath } from '../../platform/identity/remembered-revocations.ts'
import type { PassportGuard } from '../../platform/peers/passport-guard.ts'

/** Tells whoever has a passport which sessions were revoked lately: asked while the blacklist is away. */
export function serveRevocations(
  app: FastifyInstance,
  guard: PassportGuard,
  remembered: () => Promise<ReadonlySet<string>>,
): void {
  app.get(revokedSessionsPath, async (request, reply) => {
    const refusal = guard.refuses(revokedSessionsAudience, request.headers[passportHeader], '')
    if (refusal) return reply.code(401).header(refusalHeader, refusal).send()
    reply.header('cache-control', 'no-store')
    return [...(await remembered())]
  })
}
