import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { within } from '../../platform/lifecycle/within.ts'
import { endOwned, isRunning, type OwnedProcess, startOwned } from './owned-process.ts'
import { freePort } from './programs.ts'
import type { LocalServer, Place } from './server.ts'

/** A server that this project started. */
export interface StartedServer {
  url: string
  port: number
  process: OwnedProcess
  log: string
}

const patience = 60_000

/**
 * Starts a server in a folder of its own below this one, and waits until it answers. `onStarted` hears of the process at once. Throws,
 * naming the log, when it does not answer; it is ended then.
 */
export async function startServer(
  server: LocalServer,
  folder: string,
  at: Partial<Pick<Place, 'port' | 'advertisedPort'>> = {},
  onStarted: (started: StartedServer) => void = () => {},
): Promise<StartedServer> {
  const place: Place = { ...at, folder: join(folder, server.name), port: at.port ?? (await freePort()) }
  mkdirSync(place.folder, { recursive: true, mode: 0o700 })
  const log = join(folder, `${server.name}.log`)
  const owned = await startOwned(await server.prepare(place), place.folder, log)
  const started = { url: server.url(place.port), port: place.port, process: owned, log }
  onStarted(started)
  const reached = server.url(place.advertisedPort ?? place.port)
  try {
    await untilItAnswers(server, reached, owned, log)
  } catch (error) {
    await endOwned(owned, 1_000)
    throw error
  }
  return started
}

async function untilItAnswers(server: LocalServer, url: string, owned: OwnedProcess, log: string): Promise<void> {
  for (const deadline = Date.now() + patience; ; ) {
    try {
      return await within(5_000, server.answers(url), `${server.title} does not answer`)
    } catch (error) {
      if (!isRunning(owned)) throw new Error(`${server.title} ended while it started: see ${log}`)
      if (Date.now() > deadline)
        throw new Error(`${server.title} did not answer within ${patience} ms: see ${log}`, { cause: error })
      await pause(100)
    }
  }
}
