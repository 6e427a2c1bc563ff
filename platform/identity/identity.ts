import type { ExpiringSet } from '../expiry/expiring-set.ts'
import type { Logger } from '../logging/logger.ts'
import { createIdentify, type Identify } from './identify.ts'
import { keysFromJwks } from './jwks.ts'
import { createPassports, type Passports } from './passport.ts'
import { askRevokedSessions } from './remembered-revocations.ts'
import { createRevocationCheck, type RevocationCheck } from './revocation-check.ts'

export interface IdentityOptions {
  /** The replicas of whoever issues tokens. */
  authUrls: string[]
  passportKeys: string[]
  issuer: string
  audience: string
  blacklist: ExpiringSet
  logger: Logger
}

/** How a process other than auth tells who a token speaks for, and how gateway and subgraphs know one another. */
export interface Identity {
  identify: Identify
  passports: Passports
  revoked: RevocationCheck
}

export function createIdentity(options: IdentityOptions): Identity {
  const { authUrls, passportKeys, issuer, audience, blacklist, logger } = options
  const passports = createPassports(passportKeys)
  const remembered = askRevokedSessions({ urls: authUrls, passports, logger })
  const revoked = createRevocationCheck({ blacklist, remembered, logger })
  const keys = keysFromJwks(authUrls.map((url) => new URL('/.well-known/jwks.json', url).href))
  return { identify: createIdentify({ issuer, audience }, keys, revoked), passports, revoked }
}
