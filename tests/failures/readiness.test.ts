import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ProcessName } from '../../dev/processes/system-processes.ts'
import type { ServerName } from '../../dev/stack/server.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { openRedis } from '../../platform/storage/connection.redis.ts'
import { signUp } from '../clients.ts'
import { makePlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { missingServers, type Outage, type OwnServers, startOwnServers } from './own-servers.ts'

const names: ProcessName[] = ['gateway', 'auth', 'profile', 'chat', 'fan-out']

/** What each process says is missing while a server is away; the others stay ready. The table is in docs/operations.md. */
const table: [ServerName, Partial<Record<ProcessName, string>>][] = [
  ['redis', { gateway: 'Redis', 'fan-out': 'Redis' }],
  ['kafka', { 'fan-out': 'Kafka,its consumer group' }],
  ['mysql', { auth: 'auth store', profile: 'profile store' }],
  ['mongodb', { chat: 'chat store' }],
]
/** Far below the patience of a probe, which is a second, and far above what a busy machine takes to answer from memory. */
const soon = 700

describe('readiness, with servers that freeze or go', () => {
  const missing = missingServers()
  if (missing.length > 0) return void it.skip(`needs ${missing.join(', ')}`, () => {})

  let servers: OwnServers
  let system: Awaited<ReturnType<typeof startProcessesOnServers>>

  beforeAll(async () => {
    servers = await startOwnServers()
    system = await startProcessesOnServers(
      {},
      { place: await makePlace(servers.url), counts: { gateway: 1, chat: 1, 'fan-out': 1 } },
    )
  }, 120_000)
  afterAll(async () => {
    await system?.stop()
    await servers?.stop()
  }, 60_000)

  const urlOf = (name: ProcessName) => system.system.processes[name][0]?.url ?? ''
  /** Throws when the answer does not come soon. */
  const ask = (name: ProcessName, path: string) => fetch(`${urlOf(name)}${path}`, { signal: AbortSignal.timeout(soon) })
  const metricsOf = async (name: ProcessName) => (await ask(name, '/metrics')).text()
  const readiness = async () => {
    const answers = names.map(async (name) => {
      const response = await ask(name, '/health/ready')
      const { missing: absent = [] } = (await response.json()) as { missing?: string[] }
      return [name, `${response.status} ${absent.join()}`.trim()] as const
    })
    return Object.fromEntries(await Promise.all(answers))
  }
  const expected = (absent: Partial<Record<ProcessName, string>>) =>
    Object.fromEntries(names.map((name) => [name, absent[name] ? `503 ${absent[name]}` : '200']))
  const untilReadiness = async (absent: Partial<Record<ProcessName, string>>) => {
    const wanted = JSON.stringify(expected(absent))
    for (const end = performance.now() + 30_000; performance.now() < end; await pause(100))
      if (JSON.stringify(await readiness()) === wanted) return
    expect(await readiness()).toEqual(expected(absent))
  }

  it('with Kafka stopped, a username that nobody is known to have is no longer said to be nobody’s', async () => {
    const ann = await signUp(urlOf('gateway'), 'Ann')
    const find = (username: string) =>
      ann.try<{ userByUsername: object | null }>(
        'query ($username: String!) { userByUsername(username: $username) { id } }',
        { username },
      )
    const until = async (condition: () => Promise<boolean>) => {
      for (const end = performance.now() + 40_000; !(await condition()); await pause(200))
        if (performance.now() > end) throw new Error('It did not come')
    }
    const isNobody = async () => {
      const { data, errors } = await find('nobody_of_that_name')
      expect(data).toEqual({ userByUsername: null })
      if (errors) expect(errors[0]).toMatchObject({ path: ['userByUsername'], extensions: { code: 'UNAVAILABLE' } })
      return !errors
    }
    await until(async () => (await isNobody()) && (await find(ann.username)).data?.userByUsername !== null)
    const bringBack = await servers.takeAway('kafka', 'stopped')
    try {
      await until(async () => !(await isNobody()))
      expect(await find(ann.username)).toMatchObject({ data: { userByUsername: { id: ann.userId } } })
    } finally {
      await bringBack()
    }
    await until(isNobody)
  }, 120_000)

  it.each(
    table.flatMap(([server, absent]) => (['stopped', 'cut off'] as Outage[]).map((how) => ({ server, how, absent }))),
  )(
    'with $server $how, it is known at once who should not be sent work, and everybody lives',
    async ({ server, how, absent }) => {
      await untilReadiness({})
      const bringBack = await servers.takeAway(server, how)
      try {
        await untilReadiness(absent)
        for (const name of names) {
          const { status } = await ask(name, '/health/live')
          expect({ name, status }).toEqual({ name, status: 200 })
        }
      } finally {
        await bringBack()
      }
      await untilReadiness({})
    },
    90_000,
  )

  it('with Redis out of memory, whoever writes to it says so, in readiness, metrics and the log', async () => {
    await untilReadiness({})
    const redis = await openRedis({ url: servers.url('redis'), logger: createLogger('test', 'silent') })
    const reason = "Redis refuses writes (OOM command not allowed when used memory > 'maxmemory'.)"
    const ready = async () =>
      /parley_dependency_ready\{.*dependency="Redis".*\} (\d)/.exec(await metricsOf('auth'))?.[1]
    try {
      await redis.send('CONFIG', 'SET', 'maxmemory', '1kb')
      await untilReadiness({ gateway: reason, auth: reason })
      expect(await ready()).toBe('0')
      expect(system.system.processes.auth[0]?.output()).toContain(`so this process is not ready: ${reason}`)
    } finally {
      await redis.send('CONFIG', 'SET', 'maxmemory', '0')
      await redis.close()
    }
    await untilReadiness({})
    expect(await ready()).toBe('1')
  }, 90_000)
})
