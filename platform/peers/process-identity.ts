import { createIdentity, type Identity, type IdentityOptions } from '../identity/identity.ts'
import type { Closable } from '../lifecycle/resources.ts'
import { createResources } from '../lifecycle/resources.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { watchDependencies } from '../readiness/watch-dependencies.ts'
import { createPeerClocks } from './peer-clocks.ts'
import { openPeerWatch } from './peer-watch.ts'
import { createRefusalReport, type RefusalReport } from './refusal-report.ts'

export interface ProcessIdentityOptions extends IdentityOptions {
  name: string
  metrics: Metrics
  /** The peers that this process asks, besides auth: where their replicas are, by name. */
  peers?: Record<string, string[]>
}

/** The identity of a process of its own, which watches whether the others take its requests, and what time it is there. */
export interface ProcessIdentity extends Identity, Closable {
  refusals: RefusalReport
  /** The peers that refuse this process, and why. */
  refusingPeers(): string[]
  /** Whether access tokens can be verified. Keys are asked for in the background, so that no request has to wait for them. */
  canVerify(): boolean
  /** Names the keys of auth while this process has none: it can then serve nobody who is signed in. */
  missingKeys(): string[]
}

const authKeys = 'the keys of auth (AUTH_URLS)'

/** Asks auth for its keys before it resolves, but does not wait for them. Auth must not wait for whoever opens this. */
export async function openProcessIdentity(options: ProcessIdentityOptions): Promise<ProcessIdentity> {
  const { name, peers = {}, authUrls, issuer, audience, logger, metrics } = options
  const identity = createIdentity({ ...options, issuerAhead: () => watch.ahead('auth') })
  const refusals = createRefusalReport({ name, logger, metrics })
  const resources = createResources()
  const watch = resources.own(
    openPeerWatch({
      peers: [
        ...Object.entries(peers).map(([peer, urls]) => ({ peer, urls })),
        { peer: 'auth', title: 'auth (AUTH_URLS)', urls: authUrls },
      ],
      passports: identity.passports,
      clocks: createPeerClocks({ name, logger, metrics }),
      refusals,
      tokens: { issuer, audience },
      logger,
    }),
  )
  const keys = resources.own(
    await watchDependencies({ dependencies: { [authKeys]: identity.areKeysKnown }, every: 500, logger, metrics }),
  )
  return {
    ...identity,
    refusals,
    canVerify: identity.hasKeys,
    refusingPeers: watch.refusingPeers,
    missingKeys: keys.missing,
    close: resources.close,
  }
}
