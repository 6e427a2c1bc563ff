import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { localServers } from './local-servers.ts'
import { freePort, runProgram } from './programs.ts'
import type { ServerName } from './server.ts'

const compose = [
  'compose',
  '--file',
  fileURLToPath(new URL('../../compose.yaml', import.meta.url)),
  '--project-name',
  'parley-stack',
]

/** The version of a Docker engine that answers, with Compose; undefined without one. */
export function dockerEngine(): string | undefined {
  const { status, stdout } = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  const version = status === 0 ? stdout.trim() : ''
  if (version === '') return undefined
  return spawnSync('docker', ['compose', 'version'], { timeout: 10_000 }).status === 0 ? version : undefined
}

/** Starts these servers in containers on free loopback ports, and waits until they are healthy. Gives their URLs. */
export async function composeUp(names: ServerName[]): Promise<[ServerName, string][]> {
  const ports = await Promise.all(names.map(async (name) => [name, await freePort()] as const))
  const variables = Object.fromEntries(ports.map(([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)]))
  const { status } = spawnSync('docker', [...compose, 'up', '--detach', '--wait', ...names], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...variables },
    timeout: 600_000,
  })
  if (status !== 0) throw new Error('docker compose could not start the servers: see above')
  return ports.map(([name, port]) => [name, urlOf(name, port)])
}

export const composeLogs = (follow: boolean, name?: string) =>
  void spawn('docker', [...compose, 'logs', '--tail', '40', ...(follow ? ['--follow'] : []), ...(name ? [name] : [])], {
    stdio: 'inherit',
  })

export const composeDown = (wipe: boolean) =>
  void runProgram('docker', [...compose, 'down', ...(wipe ? ['--volumes'] : [])])

/** The replica set of one is reached directly: its member's name is known among the containers only. */
function urlOf(name: ServerName, port: number): string {
  // As root: tests make databases of their own.
  if (name === 'mysql') return `mysql://root:parley@127.0.0.1:${port}/parley`
  const url = localServers[name].url(port)
  return name === 'mongodb' ? `${url}?directConnection=true` : url
}
