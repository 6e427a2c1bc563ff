import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../dev/stack/programs.ts'
import { serverNames } from '../../dev/stack/server.ts'
import { outages, startOwnServers } from '../failures/own-servers.ts'
import { startProcess } from '../process.ts'
import { makePlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import type { Chance } from './chance.ts'

/** Something that can be taken away and brought back. */
export interface Part {
  name: string
  /** Takes it away in one of its ways, and brings it back after a while. Tells which way. */
  strike(chance: Chance): Promise<string>
}

/** A system under check: where clients reach it, and what can fail in it. */
export interface Target {
  urls: string[]
  parts: Part[]
  stop(): Promise<void>
}

/** Separate processes on servers of their own: two of each that clients or events go through. */
export async function openServersTarget(): Promise<Target> {
  const servers = await startOwnServers()
  try {
    const place = await makePlace(servers.url)
    const { system, stop } = await startProcessesOnServers({ ACCESS_TOKEN_LIFETIME: '86400' }, { place })
    const processes = Object.entries(system.processes).map(([name, replicas]) => ({
      name,
      async strike(chance: Chance) {
        const replica = chance.oneOf(replicas)
        if (chance.below(2) === 0) {
          await replica.end('SIGKILL')
          await pause(chance.between(200, 2_000))
          await replica.start()
          return `${replica.name} killed`
        }
        replica.signal('SIGSTOP')
        await pause(chance.between(500, 8_000))
        replica.signal('SIGCONT')
        return `${replica.name} paused`
      },
    }))
    const stores = serverNames.map((name) => ({
      name,
      async strike(chance: Chance) {
        const how = chance.oneOf(outages)
        const bringBack = await servers.takeAway(name, how)
        await pause(chance.between(500, 8_000))
        await bringBack()
        return `${name} ${how}`
      },
    }))
    const urls = system.processes.gateway.map(({ url }) => url)
    return {
      urls,
      parts: [...processes, ...stores],
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

/** The embedded engine in one process: what can fail is that process. */
export async function openEmbeddedTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-check-'))
  const settings = { PORT: String(await freePort()), OPERATIONS_PER_MINUTE: '100000000' }
  let process = await startProcess(folder, settings)
  const strike = async (chance: Chance) => {
    if (chance.below(2) === 0) {
      await process.end('SIGKILL')
      await pause(chance.between(100, 1_000))
      process = await startProcess(folder, settings)
      return 'the process killed'
    }
    process.signal('SIGSTOP')
    await pause(chance.between(200, 3_000))
    process.signal('SIGCONT')
    return 'the process paused'
  }
  return {
    urls: [process.url],
    parts: [{ name: 'process', strike }],
    async stop() {
      await process.end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
