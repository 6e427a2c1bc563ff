import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { ManagedProcess } from '../../dev/processes/managed-process.ts'
import { createPassports, passportHeader, refusalHeader } from '../../platform/identity/passport.ts'
import { createRoom, send, signUp } from '../clients.ts'
import { clockOfFile } from '../clock.ts'
import { samplesOf } from '../metric-samples.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const suite = hasServers() ? describe : describe.skip
/** Seconds by which chat's clock is ahead: what a passport may be older than this is soon used up by a pause. */
const ahead = 29

suite('a process that was stopped for a while, on real servers', () => {
  it('blames no clock for what waited for it, asks for it again, and goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-paused-'))
    await writeFile(join(folder, 'chat'), String(ahead))
    const lines: string[] = []
    const { system, stop } = await startProcessesOnServers(
      { OPERATION_TIMEOUT: '2000' },
      {
        counts: { gateway: 1, chat: 1, 'fan-out': 1 },
        only: { chat: clockOfFile(join(folder, 'chat')) },
        onLine: (process, line) => void lines.push(`${process}: ${line}`),
      },
    )
    const [chat] = system.processes.chat as [ManagedProcess]
    try {
      const passports = createPassports(system.passportKeys, 'a gateway of the test')
      const body = '{"query":"{ __typename }"}'
      const knock = () => {
        const headers = { 'content-type': 'application/json', [passportHeader]: passports.issue('chat', body) }
        return fetch(`${chat.url}/graphql`, { method: 'POST', headers, body })
      }
      expect((await knock()).status).toBe(200)
      const ann = await signUp(system.processes.gateway[0]?.url ?? '', 'Ann')
      const roomId = await createRoom(ann)

      chat.signal('SIGSTOP')
      const stoppedAt = performance.now()
      const waiting = [knock(), knock(), knock()]
      // Until their passports are more than 40 s old by the clock of chat.
      while (performance.now() - stoppedAt < 13_000) await pause(100)
      chat.signal('SIGCONT')
      for (const response of await Promise.all(waiting))
        expect([response.status, response.headers.get(refusalHeader)]).toEqual([401, 'late'])
      expect((await knock()).status).toBe(200)
      await send(ann, roomId, 'hello')

      const metrics = await (await fetch(`${chat.url}/metrics`)).text()
      const refusals = samplesOf(metrics, 'parley_passport_refusals_total')
      expect(refusals.late).toBeGreaterThanOrEqual(3)
      expect(refusals.clock).toBeUndefined()
      const skews = Object.values(samplesOf(metrics, 'parley_clock_skew_seconds'))
      expect(Math.min(...skews)).toBeGreaterThan(-ahead - 5)
      const log = lines.filter((line) => line.startsWith('chat: '))
      expect(log.join('\n')).toMatch(/chat did not run for 1[345](\.\d)? s/)
      const blamed = log.flatMap((line) => / is (\S+) s behind the clock of chat/.exec(line)?.[1] ?? [])
      expect(Math.max(0, ...blamed.map(Number))).toBeLessThan(ahead + 5)
      expect(log.join('\n')).not.toContain('chat refuses the requests')
    } finally {
      chat.signal('SIGCONT')
      await stop()
      await rm(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
