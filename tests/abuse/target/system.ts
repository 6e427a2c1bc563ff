import { type Child, startChildFile } from '../../../bench/processes/child.ts'
import { within } from '../../../platform/lifecycle/within.ts'
import type { SystemChild } from './system-child.ts'

/** The attacked system: one process, which is replaced when it hangs or dies. */
export interface AttackedSystem {
  /** Starts it on the data folder, or starts it again: with or without budgets. Resolves with where it is. */
  start(budgets: boolean): Promise<string>
  /** Collects garbage and begins to measure. */
  beginMeasuring(): Promise<void>
  /** What it has used since; `hung` when it does not answer any more. */
  endMeasuring(): Promise<{ cpu: number; memory?: number } | 'hung'>
  /** What it holds after a collection of garbage, in bytes. */
  heap(): Promise<number>
  close(): Promise<void>
}

/** How long it may take to answer, in milliseconds, once the attack has had its own time. */
const deadline = 20_000

export function createAttackedSystem(dataDir: string): AttackedSystem {
  const open = () => startChildFile<SystemChild>('the system', new URL('system-child.ts', import.meta.url))
  let child: Child<SystemChild> | undefined
  const running = () => {
    if (!child) throw new Error('The system was not started')
    return child
  }
  return {
    async start(budgets) {
      await child?.close()
      child = open()
      return child.ask('start', dataDir, budgets)
    },
    beginMeasuring: () => running().ask('beginMeasuring'),
    endMeasuring: () =>
      within(deadline, running().ask('endMeasuring'), 'It hangs').catch((): 'hung' => {
        // What it still answers later is for nobody.
        return 'hung'
      }),
    heap: async () => (await running().ask('memory')).heap,
    close: async () => child?.close(),
  }
}
