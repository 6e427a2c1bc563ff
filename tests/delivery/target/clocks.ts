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

/** How far apart two clocks may be, in seconds: 30 s are tolerated, and a clock is learnt of with some delay. */
const mostApart = 29
/** How far a clock may stay wrong, in seconds: twice that is still tolerated between two processes. */
const standing = 7

/** Makes a clock for each of the names. They differ from the start, unless there is only one. */
export async function makeClocks(names: string[]): Promise<Clocks> {
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-clocks-'))
    resources.onClose(() => rm(folder, { recursive: true, force: true }))
    const shifts = new Map<string, number>()
    const set = async (name: string, seconds: number) => {
      shifts.set(name, seconds)
      // Renamed, so that no process reads half of it.
      await writeFile(join(folder, `${name}.new`), String(seconds))
      await rename(join(folder, `${name}.new`), join(folder, name))
    }
    const last = Math.max(1, names.length - 1)
    for (const [index, name] of names.entries())
      await set(name, names.length > 1 ? standing * ((2 * index) / last - 1) : 0)
    return {
      environmentOf: (name) => clockOfFile(join(folder, name)),
      part: {
        name: 'clock',
        async strike(chance) {
          const name = chance.oneOf(names)
          const others = names.filter((other) => other !== name).map((other) => shifts.get(other) ?? 0)
          const [from, to] = [mostApart - Math.max(0, ...others), mostApart + Math.min(0, ...others)]
          const shift = Math.round(chance.between(-from, to))
          await set(name, shift)
          await pause(chance.between(1_000, 8_000))
          await set(name, Math.round(chance.between(-standing, standing)))
          return { what: `the clock of ${name} (to ${shift} s)`, how: 'stepped' }
        },
      },
      close: resources.close,
    }
  })
}
