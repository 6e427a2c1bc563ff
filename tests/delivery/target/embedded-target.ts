import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startManaged } from '../../../dev/processes/managed-process.ts'
import { freePort } from '../../../dev/stack/programs.ts'
import type { Target } from './target.ts'

/** The embedded engine in one process: what can fail is that process. */
export async function openEmbeddedTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-check-'))
  const deaths: string[] = []
  const system = await startManaged({
    name: 'process',
    main: 'tests/delivery/target/embedded-main.ts',
    port: await freePort(),
    environment: { DATA_DIR: folder },
    onUnexpectedEnd: () => void deaths.push('process'),
  })
  return {
    urls: [system.url],
    parts: [
      {
        name: 'process',
        async strike(chance) {
          if (chance.below(2) === 0) {
            await system.end('SIGKILL')
            await pause(chance.between(100, 1_000))
            await system.start()
            return { what: 'the process', how: 'killed' }
          }
          system.signal('SIGSTOP')
          await pause(chance.between(200, 3_000))
          system.signal('SIGCONT')
          return { what: 'the process', how: 'paused' }
        },
      },
    ],
    neededBySenders: ['process'],
    deaths: () => deaths,
    async stop() {
      await system.end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
