import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ProcessName } from '../../dev/processes/system-processes.ts'
import type { ServerName } from '../../dev/stack/server.ts'
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
})
