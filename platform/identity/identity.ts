import type { ExpiringSet } from '../expiry/expiring-set.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { PublicKeys } from './access-token.ts'
import { createIdentify, type Identify } from './identify.ts'
import { keysFromJwks } from './jwks.ts'
import type { JwtRefusal } from './jwt.ts'
import { createPassports, type Passports, processName, toleratedSkew } from './passport.ts'
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
  metrics?: Metrics
  /** What this process is called. */
  name?: string
  /** By how many seconds auth's clock is known to be ahead of this one. */
  issuerAhead?(): number
}

/** How a process other than auth tells who a token speaks for, and how gateway and subgraphs know one another. */
export interface Identity {
  identify: Identify
  passports: Passports
  revoked: RevocationCheck
  /** Auth's public keys, as far as this process knows them. */
  keys: PublicKeys
  /** Whether any of them is known. Asks auth while none is, and rejects when no auth answers. */
  areKeysKnown(): Promise<boolean>
  /** Whether any is known already: without one no access token can be verified. */
  hasKeys(): boolean
}

export function createIdentity(options: IdentityOptions): Identity {
  const { authUrls, passportKeys, issuer, audience, blacklist, logger, name } = options
  const passports = createPassports(passportKeys, name && processName(name))
  const remembered = askRevokedSessions({ urls: authUrls, passports, logger })
  const revoked = createRevocationCheck({ blacklist, remembered, logger })
  const {
    find: keys,
    areKnown: areKeysKnown,
    hasAny: hasKeys,
  } = keysFromJwks(
    authUrls.map((url) => new URL('/.well-known/jwks.json', url).href),
    logger,
  )
  const identify = createIdentify({ issuer, audience }, keys, revoked, {
    issuerAhead: options.issuerAhead,
    onChecked: createTokenReport(options),
  })
  return { identify, passports, revoked, keys, areKeysKnown, hasKeys }
}

const refusals: Partial<Record<JwtRefusal, string>> = {
  issuer: 'another issuer made it: does TOKEN_ISSUER differ from auth?',
  audience: 'it is made out to another audience: does TOKEN_AUDIENCE differ from auth?',
  early: `it was issued more than ${toleratedSkew} s in the future: the clocks of auth and of this process are too far apart`,
}

/** Counts access tokens that auth signed and that are refused, and logs what only a setting or a clock can cause, until one is accepted. */
function createTokenReport({ logger, metrics }: Pick<IdentityOptions, 'logger' | 'metrics'>) {
  const count = metrics?.counter('parley_token_refusals_total', 'Access tokens of auth that were refused, by reason', [
    'reason',
  ])
  let told: JwtRefusal | undefined
  return (reason: JwtRefusal | undefined) => {
    if (reason) count?.add({ reason })
    const cause = reason && refusals[reason]
    if (cause && reason !== told) logger.error({ reason }, `an access token of auth is refused: ${cause}`)
    if (cause || !reason) told = reason
  }
}
