import type { FastifyInstance } from 'fastify'
import type { AccessTokenRules } from '../identity/access-token.ts'
import { passportHeader, refusalHeader } from '../identity/passport.ts'
import type { PassportGuard } from './passport-guard.ts'

/** Where a process tells another one whether it takes its requests. */
export const peerPath = '/peer'

/** What it tells. */
export interface PeerAnswer {
  /** Milliseconds since 1970 by its clock. */
  time: number
  /** Why it refuses the one that asks. */
  refusal?: string
  /** How it signs access tokens, where it does. */
  tokens?: AccessTokenRules
}

/** Tells whoever asks whether its passports are taken here, and what time it is. */
export function servePeers(app: FastifyInstance, name: string, guard: PassportGuard, tokens?: AccessTokenRules): void {
  app.get(peerPath, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const refusal = guard.refuses(name, request.headers[passportHeader], '')
    if (!refusal) return { time: Date.now(), tokens } satisfies PeerAnswer
    return reply
      .code(401)
      .header(refusalHeader, refusal)
      .send({ time: Date.now(), refusal } satisfies PeerAnswer)
  })
}
