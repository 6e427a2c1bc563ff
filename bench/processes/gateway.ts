import { readFile } from 'node:fs/promises'
import {
  defaultConnectionLimits,
  defaultLimits,
  defaultSocketLimits,
  type GatewayConfig,
} from '../../gateway/config.ts'
import { startGateway } from '../../gateway/service.ts'
import { defaultSharing } from '../../gateway/subscriptions/sharing/shared-streams.ts'
import { createMemoryBroadcast } from '../../platform/events/broadcast.memory.ts'
import { createMemoryExpiringSet } from '../../platform/expiry/expiring-set.memory.ts'
import { createIdentity } from '../../platform/identity/identity.ts'
import { createResources } from '../../platform/lifecycle/resources.ts'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { answerParent } from './answer-parent.ts'
import { tokens, unlimited } from './parley-settings.ts'

const logger = createLogger('gateway', 'error')
const resources = createResources()
const supergraph = new URL('../../schema/supergraph.graphql', import.meta.url)

const answers = {
  /** Starts a gateway, alone in this process. */
  async start({ subgraphs, passportKeys }: Pick<GatewayConfig, 'subgraphs'> & { passportKeys: string[] }) {
    const broadcast = resources.own(createMemoryBroadcast(logger))
    const rateLimit = resources.own(createMemoryRateLimit())
    const blacklist = resources.own(createMemoryExpiringSet())
    const authUrls = subgraphs.auth?.urls ?? []
    const gateway = await startGateway(
      {
        host: '127.0.0.1',
        port: 0,
        supergraphSdl: await readFile(supergraph, 'utf8'),
        subgraphs,
        development: false,
        allowedOrigins: [],
        trustedProxies: [],
        operationTimeout: 30_000,
        pointsPerMinute: unlimited.pointsPerMinute,
        limits: defaultLimits,
        connections: { ...defaultConnectionLimits, perAddress: unlimited.sockets.socketsPerUser },
        sockets: { ...defaultSocketLimits, ...unlimited.sockets },
        sharing: defaultSharing,
      },
      { ...createIdentity({ authUrls, passportKeys, ...tokens, blacklist, logger }), broadcast, rateLimit, logger },
    )
    resources.onClose(gateway.stop)
    return gateway.url
  },
}
export type Gateway = typeof answers

answerParent(answers, resources.close)
