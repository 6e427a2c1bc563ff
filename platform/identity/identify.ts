import { unauthenticated } from '../errors/app-error.ts'
import {
  type AccessTokenRules,
  createAccessTokenVerifier,
  type PublicKeys,
  type VerifierOptions,
} from './access-token.ts'
import type { RevocationCheck } from './revocation-check.ts'
import type { SignedInUser, Viewer } from './viewer.ts'

/** Who an `authorization` header speaks for. None: anonymous. A bad or revoked token throws `UNAUTHENTICATED`. */
export type Identify = (authorization: string | undefined) => Promise<SignedInUser | 'anonymous'>

/** What a gateway sends along to say for whom it asks. */
export interface GatewayWord {
  authorization?: unknown
  viewer?: unknown
}

/** Whom a gateway asks for: whoever the `authorization` speaks for; without any, everyone when it says so. Throws as `identify` does. */
export async function identifyFor(identify: Identify, { authorization, viewer }: GatewayWord): Promise<Viewer> {
  if (authorization === undefined && viewer === 'everyone') return 'everyone'
  return identify(typeof authorization === 'string' ? authorization : undefined)
}

export function createIdentify(
  rules: AccessTokenRules,
  keys: PublicKeys,
  revoked: RevocationCheck,
  options: VerifierOptions = {},
): Identify {
  const verify = createAccessTokenVerifier(rules, keys, options)
  return async (authorization) => {
    if (!authorization) return 'anonymous'
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1]
    if (!token) throw unauthenticated('The authorization header must be "Bearer" and an access token.')
    const user = await verify(token)
    if ((await revoked([user.sessionId])).size > 0) throw unauthenticated('The session has ended: sign in again.')
    return user
  }
}
