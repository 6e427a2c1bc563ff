import { setTimeout as pause } from 'node:timers/promises'
import type { ManagedProcess } from '../../../dev/processes/managed-process.ts'
import { type ServerName, serverNames } from '../../../dev/stack/server.ts'
import { openKafkaEventLog } from '../../../platform/events/event-log.kafka.ts'
import { createResources } from '../../../platform/lifecycle/resources.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { type OwnServers, outages, startOwnServers } from '../../failures/own-servers.ts'
import { makePlace } from '../../servers/place.ts'
import { startProcessesOnServers } from '../../servers/processes.ts'
import { createRestores, type Restores } from '../verdict/restores.ts'
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
    const restores = createRestores()
    const deaths: string[] = []
    const { system, stop } = await startProcessesOnServers(
      {
        ACCESS_TOKEN_LIFETIME: '86400',
        POINTS_PER_MINUTE: '1000000000',
        ADDRESS_POINTS_PER_MINUTE: '1000000000',
      },
      { place, onUnexpectedEnd: (name) => void deaths.push(name) },
    )
    resources.onClose(stop)
    const processes = Object.entries(system.processes).map(([name, replicas]) => processPart(name, replicas))
    return {
      urls: system.processes.gateway.map(({ url }) => url),
      parts: [
        ...processes,
        ...serverNames.map((name) => serverPart(name, servers)),
        restorePart(servers, restores, system.processes.chat),
      ],
      restores,
      // Profile asks Redis, and auth while it distrusts Redis, whether the session of a private stream's viewer goes on.
      neededBySenders: ['profile', 'mysql', 'redis', 'auth'],
      deaths: () => deaths,
      readTopic: (take) => readTopic(servers.url('kafka'), place.variables.KAFKA_PREFIX ?? '', take),
      stop: resources.close,
    }
  })
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
