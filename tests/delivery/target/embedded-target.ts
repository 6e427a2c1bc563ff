import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ManagedProcess, startManaged } from '../../../dev/processes/managed-process.ts'
import { freePort } from '../../../dev/stack/programs.ts'
import { createResources } from '../../../platform/lifecycle/resources.ts'
import { createRestores, type Restores } from '../verdict/restores.ts'
import { makeClocks } from './clocks.ts'
import { startReaderLinks } from './links.ts'
import type { Part, Target } from './target.ts'

/** More for `openEmbeddedTarget`. */
export interface EmbeddedTargetOptions {
  /** Any free one otherwise. */
  port?: number
  /** Where its folder is made; among the system's temporary files otherwise. */
  parent?: string
}

/** The embedded engine in one process: what can fail is that process. */
export async function openEmbeddedTarget({ port, parent = tmpdir() }: EmbeddedTargetOptions = {}): Promise<Target> {
  const resources = createResources({ deadline: 60_000 })
  return resources.closeIfThrows(async () => {
    const folder = await mkdtemp(join(parent, 'parley-check-'))
    resources.onClose(() => rm(folder, { recursive: true, force: true }))
    const [dataDir, copy] = [join(folder, 'data'), join(folder, 'copy')]
    const restores = createRestores()
    const clocks = resources.own(await makeClocks(['process']))
    const deaths: string[] = []
    const system = await startManaged({
      name: 'process',
      main: 'tests/delivery/target/embedded-main.ts',
      port: port ?? (await freePort()),
      environment: { DATA_DIR: dataDir, ...clocks.environmentOf('process') },
      onUnexpectedEnd: () => void deaths.push('process'),
    })
    resources.onClose(async () => void (await system.end('SIGTERM')))
    const distant = resources.own(await startReaderLinks([system.url]))
    return {
      urls: [system.url],
      distantUrls: distant.urls,
      parts: [partOf(system), restorePart(system, restores, { dataDir, copy }), distant.part, clocks.part],
      neededBySenders: ['process', 'restore'],
      restores,
      deaths: () => deaths,
      stop: resources.close,
    }
  })
}

const partOf = (system: ManagedProcess): Part => ({
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
})

/** Everything goes back to a copy of its folder. */
const restorePart = (
  system: ManagedProcess,
  restores: Restores,
  { dataDir, copy }: { dataDir: string; copy: string },
): Part => ({
  name: 'restore',
  async strike(chance) {
    const end = restores.begin()
    await system.end('SIGKILL')
    await rm(copy, { recursive: true, force: true })
    await cp(dataDir, copy, { recursive: true })
    await system.start()
    await pause(chance.between(1_000, 4_000))
    await system.end('SIGKILL')
    await rm(dataDir, { recursive: true })
    await cp(copy, dataDir, { recursive: true })
    await system.start()
    end()
    return { what: 'the folder', how: 'restored' }
  },
})
