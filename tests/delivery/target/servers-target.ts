import { setTimeout as pause } from 'node:timers/promises'
import type { ManagedProcess } from '../../../dev/processes/managed-process.ts'
import { serverNames } from '../../../dev/stack/server.ts'
import { openKafkaEventLog } from '../../../platform/events/event-log.kafka.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { roomEventsTopic } from '../../../schema/events.ts'
import { outages, startOwnServers } from '../../failures/own-servers.ts'
import { makePlace } from '../../servers/place.ts'
import { startProcessesOnServers } from '../../servers/processes.ts'
import type { Part, Target } from './target.ts'

/** Separate processes on servers of their own: two of each that clients or events go through. */
export async function openServersTarget(): Promise<Target> {
  const servers = await startOwnServers()
  try {
    const place = await makePlace(servers.url)
    const deaths: string[] = []
    const { system, stop } = await startProcessesOnServers(
      { ACCESS_TOKEN_LIFETIME: '86400', OPERATIONS_PER_MINUTE: '100000000' },
      { place, onUnexpectedEnd: (name) => void deaths.push(name) },
    )
    const processes = Object.entries(system.processes).map(
      ([name, replicas]): Part => ({
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
      }),
    )
    const stores = serverNames.map(
      (name): Part => ({
        name,
        async strike(chance) {
          const how = chance.oneOf(outages)
          const bringBack = await servers.takeAway(name, how)
          await pause(chance.between(500, 8_000))
          await bringBack()
          return { what: name, how: how === 'stopped' ? 'paused' : how }
        },
      }),
    )
    return {
      urls: system.processes.gateway.map(({ url }) => url),
      parts: [...processes, ...stores],
      // Profile asks Redis, and auth while it distrusts Redis, whether the session of a private stream's viewer goes on.
      neededBySenders: ['profile', 'mysql', 'redis', 'auth'],
      deaths: () => deaths,
      async readTopic(take) {
        const log = openKafkaEventLog({
          url: servers.url('kafka'),
          prefix: place.variables.KAFKA_PREFIX ?? '',
          logger: createLogger('check', 'silent'),
        })
        await log.consume({
          topic: roomEventsTopic,
          group: 'delivery-check',
          async handle(events) {
            for (const { key, value } of events) take(key, JSON.parse(value).seq)
          },
        })
        return log.close
      },
      async stop() {
        await stop()
        await servers.stop()
      },
    }
  } catch (error) {
    await servers.stop()
    throw error
  }
}

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
