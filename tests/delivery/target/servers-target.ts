import { setTimeout as pause } from 'node:timers/promises'
import type { ManagedProcess } from '../../../dev/processes/managed-process.ts'
import { type ProcessName, processNames, replicas } from '../../../dev/processes/system-processes.ts'
import { freePort } from '../../../dev/stack/programs.ts'
import { type ServerName, serverNames } from '../../../dev/stack/server.ts'
import { openKafkaEventLog } from '../../../platform/events/event-log.kafka.ts'
import { createResources } from '../../../platform/lifecycle/resources.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { type OwnServers, outages, startOwnServers } from '../../failures/own-servers.ts'
import { makePlace } from '../../servers/place.ts'
import { startProcessesOnServers } from '../../servers/processes.ts'
import { createRestores, type Restores } from '../verdict/restores.ts'
import { makeClocks } from './clocks.ts'
import { startReaderLinks, startUpstreamLinks } from './links.ts'
import type { Part, Target } from './target.ts'

/** Each of the two has many parts, which may be slow to end on a busy machine. */
const endsWithin = 120_000

/** Separate processes on servers of their own: two of each that clients or events go through. */
export async function openServersTarget(): Promise<Target> {
  const resources = createResources({ deadline: endsWithin })
  return resources.closeIfThrows(async () => {
    const servers = await startOwnServers()
    resources.onClose(servers.stop)
    const place = await makePlace(servers.url)
    const clocks = resources.own(await makeClocks(titles))
    const { ports, links } = await startLinksToSubgraphs()
    resources.own(links)
    const restores = createRestores()
    const deaths: string[] = []
    const { system, stop } = await startProcessesOnServers(
      {
        ACCESS_TOKEN_LIFETIME: '86400',
        POINTS_PER_MINUTE: '1000000000',
        ADDRESS_POINTS_PER_MINUTE: '1000000000',
      },
      {
        place,
        ports,
        only: Object.fromEntries(
          titles.map((title) => [title, { ...clocks.environmentOf(title), ...links.environmentOf(title) }]),
        ),
        onUnexpectedEnd: (name) => void deaths.push(name),
      },
    )
    resources.onClose(stop)
    const processes = Object.entries(system.processes).map(([name, replicas]) => processPart(name, replicas))
    const urls = system.processes.gateway.map(({ url }) => url)
    const distant = resources.own(await startReaderLinks(urls))
    return {
      urls,
      distantUrls: distant.urls,
      parts: [
        ...processes,
        ...serverNames.map((name) => serverPart(name, servers)),
        restorePart(servers, restores, system.processes.chat),
        links.part,
        distant.part,
        clocks.part,
      ],
      restores,
      // Profile asks Redis, and auth while it distrusts Redis, whether the session of a private stream's viewer goes on.
      neededBySenders: ['profile', 'mysql', 'redis', 'auth', 'upstream-link'],
      deaths: () => deaths,
      readTopic: (take) => readTopic(servers.url('kafka'), place.variables.KAFKA_PREFIX ?? '', take),
      stop: resources.close,
    }
  })
}

/** What the processes are called, by kind. */
const titlesOf = (kind: ProcessName): string[] =>
  replicas[kind] === 1 ? [kind] : Array.from({ length: replicas[kind] }, (_, index) => `${kind}-${index + 1}`)
const titles = processNames.flatMap(titlesOf)

/** Ports for the processes of subgraphs, and links to them for each gateway. */
async function startLinksToSubgraphs() {
  const subgraphs = ['auth', 'profile', 'chat'] as const
  const ends = await Promise.all(
    subgraphs.flatMap((subgraph) =>
      titlesOf(subgraph).map(async (name) => ({ name, subgraph, port: await freePort() })),
    ),
  )
  const links = await startUpstreamLinks(
    titlesOf('gateway'),
    ends.map(({ port, ...end }) => ({ ...end, url: `http://127.0.0.1:${port}` })),
  )
  const portsOf = (kind: ProcessName) => ends.filter(({ subgraph }) => subgraph === kind).map(({ port }) => port)
  return { links, ports: Object.fromEntries(subgraphs.map((subgraph) => [subgraph, portsOf(subgraph)])) }
}

const processPart = (name: string, replicas: ManagedProcess[]): Part => ({
  name,
  async strike(chance) {
    const replica = chance.oneOf(replicas)
    if (chance.below(2) === 0) {
      await replica.end('SIGKILL')
      await pause(chance.between(200, 2_000))
      await startAgain(replica)
      return { what: replica.name, how: 'killed' }
    }
    replica.signal('SIGSTOP')
    await pause(chance.between(500, 8_000))
    replica.signal('SIGCONT')
    return { what: replica.name, how: 'paused' }
  },
})

const serverPart = (name: ServerName, servers: OwnServers): Part => ({
  name,
  async strike(chance) {
    const how = chance.oneOf(outages)
    const bringBack = await servers.takeAway(name, how)
    await pause(chance.between(500, 8_000))
    await bringBack()
    return { what: name, how: how === 'stopped' ? 'paused' : how }
  },
})

/** MongoDB goes back to a copy of its folder: beneath chat as it runs, or while one of its processes is away. */
const restorePart = (servers: OwnServers, restores: Restores, chats: ManagedProcess[]): Part => ({
  name: 'restore',
  async strike(chance) {
    const end = restores.begin()
    const restore = await servers.backUp('mongodb')
    await pause(chance.between(1_000, 6_000))
    const replica = chance.below(2) === 0 ? chance.oneOf(chats) : undefined
    await replica?.end('SIGKILL')
    await restore()
    if (replica) await startAgain(replica)
    end()
    return { what: 'mongodb', how: 'restored' }
  },
})

/** A machine that is busy may not start a process in time. */
async function startAgain(replica: ManagedProcess): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await replica.start()
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

async function readTopic(url: string, prefix: string, take: (roomId: string, seq: number) => void) {
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const log = resources.own(openKafkaEventLog({ url, prefix, logger: createLogger('check', 'silent') }))
    await log.consume({
      topic: roomEventsTopic,
      group: 'delivery-check',
      async handle(events) {
        for (const { key, value } of events) take(key, JSON.parse(value).seq)
      },
    })
    return resources.close
  })
}
