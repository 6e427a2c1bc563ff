import type { FastifyInstance } from 'fastify'
import { type Passports, passportHeader } from '../../platform/identity/passport.ts'
import { revokedSessionsAudience, revokedSessionsPath } from '../../platform/identity/remembered-revocations.ts'

/** Tells whoever has a passport which sessions were revoked lately: asked while the blacklist is away. */
export function serveRevocations(
  app: FastifyInstance,
  passports: Passports,
  remembered: () => Promise<ReadonlySet<string>>,
): void {
  app.get(revokedSessionsPath, async (request, reply) => {
    const passport = request.headers[passportHeader]
    const isOurs =
      typeof passport === 'string' &&
      passports.accepts(revokedSessionsAudience, passport) &&
      passports.covers(passport, '')
    if (!isOurs) return reply.code(401).send()
    reply.header('cache-control', 'no-store')
    return [...(await remembered())]
  })
}
