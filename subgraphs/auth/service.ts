import { readFile } from 'node:fs/promises'
import { v7 as uuidv7 } from 'uuid'
import type { Broadcast } from '../../platform/events/broadcast.ts'
import type { EventLog } from '../../platform/events/event-log.ts'
import type { ExpiringSet } from '../../platform/expiry/expiring-set.ts'
import { startSubgraph } from '../../platform/graphql/subgraph-server.ts'
import { clientAddress } from '../../platform/http/address-group.ts'
import { acceptedAfterEnd, signAccessToken } from '../../platform/identity/access-token.ts'
import { createIdentify } from '../../platform/identity/identify.ts'
import type { Passports } from '../../platform/identity/passport.ts'
import { keepBriefly } from '../../platform/identity/remembered-revocations.ts'
import { createRevocationCheck } from '../../platform/identity/revocation-check.ts'
import { createRevocations } from '../../platform/identity/revocations.ts'
import { repeat } from '../../platform/lifecycle/repeat.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import type { RateLimit } from '../../platform/limits/rate-limit.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import type { Metrics } from '../../platform/metrics/metrics.ts'
import { type WatchOptions, watchDependencies } from '../../platform/readiness/watch-dependencies.ts'
import type { AuthConfig } from './config.ts'
import type { Context } from './context.ts'
import { type Auth, secondsBefore } from './domain/auth.ts'
import { createPasswordHasher } from './domain/password-hashing.ts'
import { rememberedRevocations } from './domain/sessions.ts'
import { createSignInLimits } from './domain/sign-in-limits.ts'
import { createRefreshTokens, type Tokens } from './domain/tokens.ts'
import { type KeyRing, openKeyRing } from './keys/key-ring.ts'
import { deriveSecrets } from './keys/secrets.ts'
import { createRelay } from './outbox/relay.ts'
import { createRefreshCookie } from './resolvers/refresh-cookie.ts'
import { resolvers } from './resolvers/resolvers.ts'
import { serveRevocations } from './revoked-sessions.ts'
import type { AuthStore } from './store/auth-store.ts'

/** What the subgraph works with; whoever opened the parts closes them after it has stopped. */
export interface AuthParts {
  store: AuthStore
  blacklist: ExpiringSet
  broadcast: Broadcast
  rateLimit: RateLimit
  eventLog: EventLog
  passports: Passports
  /** What it is not ready without, besides its store. */
  dependencies?: WatchOptions['dependencies']
  logger: Logger
  metrics?: Metrics
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** The auth subgraph: it keeps accounts and sessions, and publishes the keys that everybody checks its access tokens with. */
export async function startAuth(config: AuthConfig, parts: AuthParts): Promise<Service> {
  const { store, blacklist, broadcast, rateLimit, eventLog, passports, dependencies, logger, metrics } = parts
  const { accessTokenLifetime, refreshTokenLifetime, refreshGrace } = config
  const secrets = deriveSecrets(config.secret)
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const keyRing = await openKeyRing({ store, sealingKey: secrets.signingKeys, accessTokenLifetime, logger })
    const relay = resources.own(createRelay({ store, eventLog, logger }))
    const now = () => new Date()
    const readRemembered = () => rememberedRevocations({ store, now, accessTokenLifetime })
    const remembered = keepBriefly(async () => new Set(await readRemembered()))
    const revoked = createRevocationCheck({ blacklist, remembered, logger })
    const lifetime = accessTokenLifetime + acceptedAfterEnd
    const revocations = createRevocations({ blacklist, broadcast, lifetime, remembered: readRemembered, logger })
    const auth: Auth = {
      store,
      revocations,
      passwords: await createPasswordHasher({ cost: config.bcryptCost }),
      limits: createSignInLimits(rateLimit, config.limits, metrics),
      tokens: { ...createRefreshTokens(secrets.refreshTokens), ...createAccessTokens(config, keyRing) },
      announce: relay.announce,
      accessTokenLifetime,
      refreshTokenLifetime,
      refreshGrace,
      now,
    }
    // Longer than a token can be traded, so that no session is forgotten before its tokens. A revoked one is remembered for longer than its
    // last access token can be accepted.
    const prune = () => {
      const at = auth.now()
      return store.removeBefore(
        secondsBefore(at, refreshTokenLifetime + accessTokenLifetime + 3_600),
        secondsBefore(at, lifetime + 3_600),
      )
    }
    const everyNowAndThen = async (name: string, every: number, task: () => Promise<void>) =>
      resources.own(await repeat({ name, every, task, logger }))
    await everyNowAndThen('fill the blacklist', second, async () => void (await revocations.keepWhole()))
    await everyNowAndThen('keep signing keys', minute, keyRing.upkeep)
    await everyNowAndThen('announce accounts', second, relay.finish)
    await everyNowAndThen('remove old sessions', hour, prune)

    const watch = resources.own(
      await watchDependencies({ dependencies: { 'auth store': store.ready, ...dependencies }, logger, metrics }),
    )
    const server = await startSubgraph<Context>({
      name: 'auth',
      sdl: await readFile(new URL('schema.graphql', import.meta.url), 'utf8'),
      resolvers,
      host: config.host,
      port: config.port,
      passports,
      identify: createIdentify(config, keyRing.publicKeys, revoked),
      logger,
      context: ({ viewer, ip, isHttps, userAgent }, http) => ({
        viewer,
        client: { ip: clientAddress(ip), userAgent: userAgent?.slice(0, 255) ?? null },
        auth,
        refreshCookie: createRefreshCookie(
          { maxAge: refreshTokenLifetime, secure: isHttps || config.secureCookies },
          http,
        ),
      }),
      ready: watch.missing,
      metrics,
      tokens: { issuer: config.issuer, audience: config.audience },
      routes: (app, guard) => {
        app.get('/.well-known/jwks.json', async (_, reply) => {
          reply.header('cache-control', 'public, max-age=300')
          return keyRing.published()
        })
        serveRevocations(app, guard, remembered)
      },
    })
    resources.onClose(server.stop)
    return { url: server.url, missing: server.missing, stop: resources.close }
  })
}

const createAccessTokens = (config: AuthConfig, keyRing: KeyRing): Pick<Tokens, 'accessToken'> => ({
  accessToken(userId, sessionId) {
    const lifetime = config.accessTokenLifetime
    const issuedAt = Math.floor(Date.now() / 1000)
    const token = signAccessToken(keyRing.signingKey(), config, { userId, sessionId, tokenId: uuidv7(), lifetime })
    return { accessToken: token, accessTokenExpiresAt: new Date((issuedAt + lifetime) * 1000) }
  },
})
