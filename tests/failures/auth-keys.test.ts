import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ManagedProcess } from '../../dev/processes/managed-process.ts'
import type { ProcessName } from '../../dev/processes/system-processes.ts'
import { freePort } from '../../dev/stack/programs.ts'
import { createRoom, send, signUp } from '../clients.ts'
import { samplesOf } from '../metric-samples.ts'
import { follow } from '../reader.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const keys = 'the keys of auth (AUTH_URLS)'
const suite = hasServers() ? describe : describe.skip

async function readiness({ url }: { url: string }): Promise<string> {
  const response = await fetch(`${url}/health/ready`)
  const { missing = [] } = (await response.json()) as { missing?: string[] }
  return `${response.status} ${missing.join()}`.trim()
}

/** Asks until the process answers so; throws what it said last when it does not within 30 s. */
async function untilReadiness(process: { url: string }, wanted: string): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; await pause(50))
    if ((await readiness(process)) === wanted) return
  expect(await readiness(process)).toBe(wanted)
}

suite('a process that needs the keys of auth, on real servers', () => {
  let started: Awaited<ReturnType<typeof startProcessesOnServers>>
  const lines: string[] = []
  let metricsPort: number
  const of = (name: ProcessName) => started.system.processes[name][0] as ManagedProcess

  beforeAll(async () => {
    const nobody = await freePort()
    metricsPort = await freePort()
    started = await startProcessesOnServers(
      {},
      {
        counts: { gateway: 1, 'fan-out': 1 },
        only: { gateway: { METRICS_PORT: String(metricsPort) }, 'chat-2': { AUTH_URLS: `http://127.0.0.1:${nobody}` } },
        onLine: (process, line) => void lines.push(`${process}: ${line}`),
      },
    )
  }, 120_000)
  afterAll(() => started?.stop(), 60_000)

  it('is not ready while AUTH_URLS leads to nobody, says so, and takes no other process with it', async () => {
    const [first, second] = started.system.processes.chat as [ManagedProcess, ManagedProcess]
    await untilReadiness(first, '200')
    await untilReadiness(of('gateway'), '200')
    expect(await readiness(second)).toBe(`503 ${keys}`)
    const metrics = await (await fetch(`${second.url}/metrics`)).text()
    expect(samplesOf(metrics, 'parley_dependency_ready')).toMatchObject({ [keys]: 0, 'chat store': 1 })
    const log = lines.filter((line) => line.startsWith('chat-2: ')).join('\n')
    expect(log).toContain(`${keys}: not available, so this process is not ready`)
    expect(log).toMatch(/chat listens at http:\S+ \(.*\), and is not ready yet: the keys of auth/)
    expect(log).not.toContain('is ready at')
  }, 60_000)

  it('leaves operations and subscriptions to the replica that has keys', async () => {
    const { url } = of('gateway')
    const ann = await signUp(url, 'Ann')
    const roomId = await createRoom(ann)
    const readers = Array.from({ length: 4 }, () => follow(url, ann, roomId))
    for (const reader of readers) await reader.until(({ events }) => events.length > 0)
    for (let index = 0; index < 20; index += 1) await send(ann, roomId, `${index}`)
    for (const reader of readers) {
      await reader.until((seen) => seen.sent().length === 20)
      expect(reader.errors).toEqual([])
      await reader.close()
    }
  }, 60_000)

  it('stays ready while auth is away when it has keys, is not when it starts then, and is again by itself', async () => {
    const names = ['gateway', 'profile', 'chat'] as const
    const ann = await signUp(of('gateway').url, 'Ann')
    const roomId = await createRoom(ann)
    await of('auth').end('SIGKILL')
    for (const name of ['profile', 'chat'] as const) {
      await of(name).end('SIGTERM')
      lines.length = 0
      await of(name).start()
      await untilReadiness(of(name), `503 ${keys}`)
    }
    // It has asked auth in vain meanwhile.
    await untilReadiness(of('gateway'), '200')
    await of('gateway').end('SIGTERM')
    await of('gateway').start()
    await untilReadiness(of('gateway'), `503 ${keys}`)
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(samplesOf(metrics, 'parley_dependency_ready')).toMatchObject({ [keys]: 0, Redis: 1 })

    lines.length = 0
    await of('auth').start()
    for (const name of names) await untilReadiness(of(name), '200')
    await send(ann, roomId, 'hello')
    for (const name of names) expect(lines.join('\n')).toContain(`${name} is ready at `)
  }, 90_000)
})
