import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, it } from '@jest/globals'
import { createLogger } from '../../logging/logger.ts'
import { openRedis, type RedisConnection } from '../connection.redis.ts'

/** A Redis server that a test may do anything to. It keeps its port. */
export interface OwnRedisServer {
  url: string
  port: number
  start(): Promise<void>
  /** Kills it without a word. */
  kill(): Promise<void>
  /** Stops it from doing anything; its connections stay. */
  suspend(): void
  resume(): void
  /** Sends a command by a connection of its own. */
  send: RedisConnection['send']
  close(): Promise<void>
}

/** Runs the suite where servers of its own can be started; reports it as left out elsewhere. */
export function onOwnRedisServers(suite: () => void): void {
  if (spawnSync('redis-server', ['--version']).status === 0) suite()
  else describe('on own redis servers', () => it.skip('needs redis-server', () => {}))
}

export async function startOwnRedisServer(settings: string[] = []): Promise<OwnRedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let running: ChildProcess | undefined
  let admin: RedisConnection | undefined

  const server: OwnRedisServer = {
    url,
    port,
    async start() {
      const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
      running = spawn('redis-server', [...place, '--save', '', '--appendonly', 'no', ...settings], { stdio: 'ignore' })
      await until('the server answers', async () => (await server.send('PING').catch(() => '')) === 'PONG')
    },
    async kill() {
      if (!running || running.exitCode !== null || running.signalCode !== null) return
      const gone = once(running, 'exit')
      running.kill('SIGKILL')
      await gone
    },
    suspend: () => void running?.kill('SIGSTOP'),
    resume: () => void running?.kill('SIGCONT'),
    async send(command, ...parameters) {
      admin ??= await openRedis({ url, logger: createLogger('test', 'silent') })
      return admin.send(command, ...parameters)
    },
    async close() {
      await admin?.close()
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

export interface OwnRedisCluster {
  url: string
  nodes: OwnRedisServer[]
  /** Waits until every node agrees that the cluster works. */
  whole(): Promise<void>
  /** The node that has the slot of this channel or key. */
  ownerOf(key: string): Promise<OwnRedisServer>
  /** Moves the slot of this channel or key, which must be empty, to another node; gives that node. */
  move(key: string): Promise<OwnRedisServer>
  close(): Promise<void>
}

const slots = 16_384

/** Three nodes without replicas that share the slots. `nodeTimeout`: after how many milliseconds of silence they take one for dead. */
export async function startOwnRedisCluster({ nodeTimeout = 15_000 } = {}): Promise<OwnRedisCluster> {
  const buses = [await freePort(), await freePort(), await freePort()]
  const nodes = await Promise.all(
    buses.map((bus) =>
      startOwnRedisServer([
        ...['--cluster-enabled', 'yes', '--cluster-port', `${bus}`],
        ...['--cluster-node-timeout', `${nodeTimeout}`],
      ]),
    ),
  )
  const [first] = nodes as [OwnRedisServer, OwnRedisServer, OwnRedisServer]
  const share = Math.ceil(slots / nodes.length)
  const state = async (node: OwnRedisServer) => String(await node.send('CLUSTER', 'INFO').catch(() => ''))
  const whole = () =>
    until('the cluster works', async () => {
      const states = await Promise.all(nodes.map(state))
      return states.every((each) => each.includes('cluster_state:ok') && each.includes(`cluster_size:${nodes.length}`))
    })
  const ownerOf = async (key: string) => {
    const slot = Number(await first.send('CLUSTER', 'KEYSLOT', key))
    const ranges = (await first.send('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1]
    const owner = nodes.find((node) => node.port === port)
    if (!owner) throw new Error(`Nobody has slot ${slot}`)
    return owner
  }

  for (const [at, node] of nodes.entries()) {
    await node.send('CLUSTER', 'ADDSLOTSRANGE', at * share, Math.min((at + 1) * share, slots) - 1)
    if (node !== first) await node.send('CLUSTER', 'MEET', '127.0.0.1', first.port, buses[0] ?? 0)
  }
  await whole()
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    whole,
    ownerOf,
    async move(key) {
      const from = await ownerOf(key)
      const to = nodes.find((node) => node !== from) as OwnRedisServer
      const [slot, id] = [Number(await to.send('CLUSTER', 'KEYSLOT', key)), String(await to.send('CLUSTER', 'MYID'))]
      for (const node of [to, from]) await node.send('CLUSTER', 'SETSLOT', slot, 'NODE', id)
      return to
    },
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  }
}

/** Waits until the condition holds, or gives up after fifteen seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await pause(10)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
