import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  defaultConnectionLimits,
  defaultLimits,
  defaultPointsPerMinute,
  defaultSocketLimits,
  type GatewayConfig,
} from '../gateway/config.ts'
import { startGateway } from '../gateway/service.ts'
import { defaultSharing } from '../gateway/subscriptions/sharing/shared-streams.ts'
import { createIdentity } from '../platform/identity/identity.ts'
import { createPassports } from '../platform/identity/passport.ts'
import { createResources, type Service } from '../platform/lifecycle/resources.ts'
import { createLogger, type LogLevel } from '../platform/logging/logger.ts'
import { createMetrics } from '../platform/metrics/metrics.ts'
import { type Answer, watchDependencies } from '../platform/readiness/watch-dependencies.ts'
import { exclusiveMutations } from '../schema/exclusive-mutations.ts'
import { type AuthConfig, authDefaults } from '../subgraphs/auth/config.ts'
import { startAuth } from '../subgraphs/auth/service.ts'
import { type ChatConfig, chatDefaults } from '../subgraphs/chat/config.ts'
import { startFanOut } from '../subgraphs/chat/outbox/fan-out.ts'
import { startChat } from '../subgraphs/chat/service.ts'
import { startProfile } from '../subgraphs/profile/service.ts'
import { openEmbeddedEngine } from './engine.ts'
import { openDataDir } from './folders/data-dir.ts'
import { createRestartable, type Restartable } from './restartable.ts'

/** The whole of Parley in this process. */
export interface Network extends Service {
  /** The folder that holds the data. */
  dataDir: string
  /** Whether the folder takes writes. */
  dataReady(): Promise<Answer>
  /** The subgraphs by name: each can be stopped and started again on its port. */
  subgraphs: Record<'auth' | 'profile' | 'chat', Restartable>
  /** The keys that passports are signed with. */
  passportKeys: string[]
}

export interface NetworkOptions {
  host?: string
  port?: number
  dataDir: string
  logLevel?: LogLevel
  gateway?: Partial<GatewayConfig>
  auth?: Partial<AuthConfig>
  chat?: Partial<ChatConfig>
}

const issuer = 'parley-auth'
const audience = 'parley'
const loopback = { host: '127.0.0.1', port: 0 }

/** Starts gateway, auth, profile, chat and fan-out on the embedded engine. Subgraphs listen on loopback only. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { host = '127.0.0.1', port = 0, logLevel = 'warn' } = options
  const log = (service: string) => createLogger(service, logLevel)
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const data = resources.own(openDataDir(options.dataDir))
    const engine = openEmbeddedEngine(data.database, log('engine'), resources)
    const watch = resources.own(
      await watchDependencies({ dependencies: { 'data folder': engine.ready }, logger: log('engine') }),
    )
    const { eventLog, broadcast, rateLimit, blacklist } = engine
    const passportKeys = [randomBytes(32).toString('hex')]
    const passports = createPassports(passportKeys)
    const authConfig: AuthConfig = {
      ...authDefaults,
      ...loopback,
      issuer,
      audience,
      secret: data.secret,
      secureCookies: false,
      ...options.auth,
    }

    const auth = await createRestartable((at) =>
      startAuth(
        { ...authConfig, ...at },
        { store: engine.authStore, blacklist, broadcast, rateLimit, eventLog, passports, logger: log('auth') },
      ),
    )
    resources.onClose(auth.stop)
    const identityOf = (service: string) =>
      createIdentity({
        authUrls: [auth.url],
        passportKeys,
        issuer,
        audience,
        blacklist,
        logger: log(service),
      })
    const profile = await createRestartable((at) =>
      startProfile(at, { store: engine.profileStore, eventLog, ...identityOf('profile'), logger: log('profile') }),
    )
    resources.onClose(profile.stop)
    resources.own(await startFanOut({ eventLog, broadcast }))
    const chat = await createRestartable((at) =>
      startChat(
        { ...chatDefaults, ...options.chat, ...at },
        {
          store: engine.chatStore,
          eventLog,
          broadcast,
          ...identityOf('chat'),
          logger: log('chat'),
          metrics: createMetrics('chat'),
        },
      ),
    )
    resources.onClose(chat.stop)

    const gateway = await startGateway(
      {
        host,
        port,
        supergraphSdl: await readFile(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8'),
        subgraphs: {
          auth: { urls: [auth.url], cookies: ['parley_refresh'] },
          profile: { urls: [profile.url] },
          chat: { urls: [chat.url] },
        },
        development: true,
        allowedOrigins: [],
        trustedProxies: [],
        operationTimeout: 10_000,
        pointsPerMinute: defaultPointsPerMinute,
        limits: { ...defaultLimits, exclusiveMutations },
        connections: defaultConnectionLimits,
        sockets: defaultSocketLimits,
        sharing: defaultSharing,
        ...options.gateway,
      },
      { ...identityOf('gateway'), broadcast, rateLimit, missing: watch.missing, logger: log('gateway') },
    )
    resources.onClose(gateway.stop, gateway.stopsWithin)
    return {
      url: gateway.url,
      stopsWithin: gateway.stopsWithin,
      dataDir: data.path,
      dataReady: engine.ready,
      subgraphs: { auth, profile, chat },
      passportKeys,
      stop: resources.close,
    }
  })
}
