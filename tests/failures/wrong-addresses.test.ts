import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { freePort } from '../../dev/stack/programs.ts'
import { samplesOf } from '../metric-samples.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const suite = hasServers() ? describe : describe.skip

interface Ports {
  auth: number
  profile: number
  chat: number
}

/** Starts one of each process with such settings of the gateway, waits until it has asked everybody often, and gives what it said. */
async function askWith(settings: (ports: Ports) => Record<string, string>) {
  const ports: Ports = { auth: await freePort(), profile: await freePort(), chat: await freePort() }
  const metricsPort = await freePort()
  const lines: string[] = []
  const { system, stop } = await startProcessesOnServers(
    {},
    {
      counts: { gateway: 1, chat: 1, 'fan-out': 1 },
      ports: { auth: [ports.auth], profile: [ports.profile], chat: [ports.chat] },
      only: { gateway: { LOG_LEVEL: 'info', METRICS_PORT: String(metricsPort), ...settings(ports) } },
      onLine: (process, line) => void lines.push(`${process}: ${line}`),
    },
  )
  const refused = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    return Object.values(samplesOf(metrics, 'parley_refused_by_peers_total')).reduce((sum, count) => sum + count, 0)
  }
  try {
    // Each question that is refused counts: several rounds have passed then.
    for (const end = performance.now() + 30_000; (await refused()) < 8; await pause(100))
      if (performance.now() > end) throw new Error('It was not refused')
    const response = await fetch(`${system.processes.gateway[0]?.url}/health/ready`)
    const { missing = [] } = (await response.json()) as { missing?: string[] }
    return {
      missing,
      lines: lines.filter((line) => /refuses the requests|requests of gateway.* again/.test(line)),
      ports,
    }
  } finally {
    await stop()
  }
}

suite('a gateway whose settings lead to the wrong processes, on real servers', () => {
  it('names AUTH_URLS that lead to chat, once, and takes no answer of chat for the end of it', async () => {
    const { missing, lines, ports } = await askWith(({ chat }) => ({ AUTH_URLS: `http://127.0.0.1:${chat}` }))
    expect(missing.toSorted()).toEqual([
      'auth (AUTH_URLS): it refuses this process (audience)',
      'the keys of auth (AUTH_URLS)',
    ])
    expect(lines.map((line) => line.split(': ')[0]).toSorted()).toEqual(['chat', 'gateway'])
    expect(lines.join('\n')).toContain(
      `auth refuses the requests of gateway (audience) at http://127.0.0.1:${ports.chat}: another process answers`,
    )
    expect(lines.join('\n')).toContain('its passport is made out to another subgraph (auth)')
  }, 90_000)

  it('names both of two subgraphs that are exchanged, each with its address', async () => {
    const { missing, lines, ports } = await askWith(({ auth, profile, chat }) => ({
      SUBGRAPHS: `auth=http://127.0.0.1:${profile},profile=http://127.0.0.1:${auth},chat=http://127.0.0.1:${chat}`,
    }))
    expect(missing).toEqual(['auth: it refuses this process (audience)', 'profile: it refuses this process (audience)'])
    const log = lines.join('\n')
    expect(log).toContain(`auth refuses the requests of gateway (audience) at http://127.0.0.1:${ports.profile}: `)
    expect(log).toContain(`profile refuses the requests of gateway (audience) at http://127.0.0.1:${ports.auth}: `)
    expect(log).not.toContain('again')
    expect(lines).toHaveLength(4)
  }, 90_000)
})
