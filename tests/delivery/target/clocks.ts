import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createResources } from '../../../platform/lifecycle/resources.ts'
import { clockOfFile } from '../../clock.ts'
import type { Part } from './target.ts'

/** The clocks of processes: each its own, and each can be stepped while its process runs. */
export interface Clocks {
  /** What a process has to be started with, to follow its clock. */
  environmentOf(name: string): Record<string, string>
  part: Part
  close(): Promise<void>
}

/**
 * How far a clock may be from the checker's, in seconds. Twice that is tolerated: between two processes, and between a token and the
 * clock of whoever issued it, once that was set back.
 */
const furthest = 14.5

/** Makes a clock for each of the names. They differ from the start, unless there is only one. */
export async function makeClocks(names: string[]): Promise<Clocks> {
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-clocks-'))
    resources.onClose(() => rm(folder, { recursive: true, force: true }))
    const set = async (name: string, seconds: number) => {
      // Renamed, so that no process reads half of it.
      await writeFile(join(folder, `${name}.new`), String(seconds))
      await rename(join(folder, `${name}.new`), join(folder, name))
    }
    for (const [index, name] of names.entries())
      await set(name, furthest * ((2 * (index + 1)) / (names.length + 1) - 1))
    return {
      environmentOf: (name) => clockOfFile(join(folder, name)),
      part: {
        name: 'clock',
        async strike(chance) {
          const name = chance.oneOf(names)
          const to = chance.oneOf([-furthest, furthest, Math.round(chance.between(-furthest, furthest))])
          await set(name, to)
          await pause(chance.between(1_000, 8_000))
          return { what: `the clock of ${name} to ${to} s`, how: 'stepped' }
        },
      },
      close: resources.close,
    }
  })
}
