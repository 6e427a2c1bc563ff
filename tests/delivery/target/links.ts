import { setTimeout as pause } from 'node:timers/promises'
import { createResources } from '../../../platform/lifecycle/resources.ts'
import { type Flow, type Link, startLink } from '../../failures/link.ts'
import type { Chance } from '../chance.ts'
import type { Part } from './target.ts'

interface Flows {
  toServer: Flow
  toClient: Flow
}

/** Longer than a gateway waits for a sign of life of a subgraph, in milliseconds, and shorter than for one of a client. */
const longest = 9_000

const silent: Flow = { isSilent: true }

/** Disturbs links for a while: they fall silent, in one direction or in both, or become slow. Gives which of it they did. */
async function disturb(links: Link[], usual: Flows, chance: Chance): Promise<'silent' | 'slowed'> {
  const slow = { bytesPerSecond: chance.between(20_000, 100_000), latency: chance.between(100, 400) }
  const change = chance.oneOf<Partial<Flows>>([
    { toServer: silent, toClient: silent },
    { toServer: silent },
    { toClient: silent },
    { toServer: slow, toClient: slow },
    { toServer: slow, toClient: slow },
  ])
  for (const link of links) link.set(change)
  await pause(chance.between(1_000, longest))
  for (const link of links) link.set(usual)
  return Object.values(change).includes(silent) ? 'silent' : 'slowed'
}

/** The links from gateways to the processes of subgraphs. */
export interface UpstreamLinks {
  /** The variables by which a gateway goes through its links; nothing for any other process. */
  environmentOf(process: string): Record<string, string>
  part: Part
  close(): Promise<void>
}

export interface UpstreamReplica {
  /** As in `chat-2`, which is one of `chat`. */
  name: string
  subgraph: string
  url: string
}

/** Starts a link from each gateway to each process of a subgraph: one may be silent while the others are not. */
export async function startUpstreamLinks(gateways: string[], replicas: UpstreamReplica[]): Promise<UpstreamLinks> {
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const links = await Promise.all(
      gateways.flatMap((gateway) =>
        replicas.map(async (replica) => {
          const link = await startLink(replica.url)
          resources.onClose(link.close)
          return { ...replica, gateway, link }
        }),
      ),
    )
    return {
      environmentOf(process): Record<string, string> {
        const own = links.filter(({ gateway }) => gateway === process)
        if (own.length === 0) return {}
        return {
          SUBGRAPHS: own.map(({ subgraph, link }) => `${subgraph}=${link.url}`).join(','),
          AUTH_URLS: own.flatMap(({ subgraph, link }) => (subgraph === 'auth' ? [link.url] : [])).join(','),
        }
      },
      part: {
        name: 'upstream-link',
        async strike(chance) {
          const { name } = chance.oneOf(replicas)
          const only = chance.below(2) === 0 ? [chance.oneOf(gateways)] : gateways
          const struck = links.filter((each) => each.name === name && only.includes(each.gateway))
          const usual = { toServer: {}, toClient: {} }
          const how = await disturb(
            struck.map(({ link }) => link),
            usual,
            chance,
          )
          return { what: `the link from ${only.join(' and ')} to ${name}`, how }
        },
      },
      close: resources.close,
    }
  })
}

/** Links from readers who are far away to each gateway: always slow, and at times slower or silent. */
export interface ReaderLinks {
  urls: string[]
  part: Part
  close(): void
}

const far: Flows = { toServer: { latency: 50 }, toClient: { latency: 50, bytesPerSecond: 100_000 } }

export async function startReaderLinks(gatewayUrls: string[]): Promise<ReaderLinks> {
  const links = await Promise.all(gatewayUrls.map((url) => startLink(url, far)))
  return {
    urls: links.map(({ url }) => url),
    part: {
      name: 'reader-link',
      strike: async (chance) => ({ what: 'the links of distant readers', how: await disturb(links, far, chance) }),
    },
    close() {
      for (const link of links) link.close()
    },
  }
}
