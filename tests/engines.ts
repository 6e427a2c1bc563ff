import { describe, it } from '@jest/globals'
import type { Restartable } from '../dev/restartable.ts'
import { defaultSocketLimits } from '../gateway/config.ts'
import { authDefaults } from '../subgraphs/auth/config.ts'
import { hasServers } from './servers/place.ts'
import { startProcessesOnServers } from './servers/processes.ts'
import { startSystem } from './system.ts'

/** A whole system, on either engine. */
export interface System {
  url: string
  /** Another gateway, where there are two: what is written through one is read through the other. */
  otherUrl: string
  /** Where each node of chat is, with its metrics. */
  chats: string[]
  /** Each can be stopped, all replicas of it, and started again. */
  subgraphs: Record<'auth' | 'profile' | 'chat', Restartable>
  passportKeys: string[]
  stop(): Promise<void>
}

/** What journeys vary. */
export interface JourneyOptions {
  /** In seconds. */
  accessTokenLifetime?: number
  /** Serves the web client from this folder. */
  webRoot?: string
  /** How long an event may wait for the fields of another subgraph, in milliseconds. */
  restTimeout?: number
  /** How often the gateway pings a client, in milliseconds. */
  heartbeat?: number
  /** Proxies in front of the gateway. */
  trustedProxies?: string[]
  /** Sign-ins that an address may try in a minute. */
  loginsPerAddress?: number
}

type Start = (options?: JourneyOptions) => Promise<System>

/**
 * Runs a journey twice: on the embedded engine, and as separate processes on the real servers, two of each that clients or events
 * go through. Without the servers the second half is reported as left out.
 */
export function onEachEngine(title: string, journey: (start: Start, engine: 'embedded' | 'servers') => void): void {
  describe(`${title}, on the embedded engine`, () => journey(startEmbedded, 'embedded'))
  describe(`${title}, on real servers`, () => {
    if (hasServers()) journey(startOnServers, 'servers')
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })
}

const startEmbedded: Start = async (options = {}) => {
  const { accessTokenLifetime, webRoot, restTimeout, heartbeat, trustedProxies, loginsPerAddress } = options
  const system = await startSystem({
    gateway: {
      ...(webRoot && { webRoot }),
      ...(trustedProxies && { trustedProxies }),
      sockets: {
        ...defaultSocketLimits,
        ...(restTimeout && { restTimeout }),
        ...(heartbeat && { heartbeat }),
      },
    },
    auth: {
      ...(accessTokenLifetime && { accessTokenLifetime }),
      ...(loginsPerAddress && { limits: { ...authDefaults.limits, registrationsPerAddress: 1_000, loginsPerAddress } }),
    },
  })
  return { ...system, otherUrl: system.url, chats: [system.subgraphs.chat.url] }
}

const startOnServers: Start = async (options = {}) => {
  const { accessTokenLifetime, webRoot, restTimeout, heartbeat, trustedProxies, loginsPerAddress } = options
  const { system, stop } = await startProcessesOnServers({
    ...(accessTokenLifetime && { ACCESS_TOKEN_LIFETIME: String(accessTokenLifetime) }),
    ...(webRoot && { WEB_ROOT: webRoot }),
    ...(restTimeout && { REST_TIMEOUT: String(restTimeout) }),
    ...(heartbeat && { HEARTBEAT: String(heartbeat) }),
    ...(trustedProxies && { TRUSTED_PROXIES: trustedProxies.join(',') }),
    ...(loginsPerAddress && { LOGINS_PER_ADDRESS: String(loginsPerAddress) }),
  })
  const { processes, passportKeys } = system
  const restartable = (name: 'auth' | 'profile' | 'chat'): Restartable => ({
    url: processes[name][0]?.url ?? '',
    stop: async () => void (await Promise.all(processes[name].map((each) => each.end('SIGTERM')))),
    start: async () => void (await Promise.all(processes[name].map((each) => each.start()))),
  })
  const [first, second] = processes.gateway
  return {
    url: first?.url ?? '',
    otherUrl: second?.url ?? '',
    chats: processes.chat.map(({ url }) => url),
    subgraphs: { auth: restartable('auth'), profile: restartable('profile'), chat: restartable('chat') },
    passportKeys,
    stop,
  }
}
