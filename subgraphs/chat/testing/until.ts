import { setTimeout as pause } from 'node:timers/promises'

/** Waits until the condition holds, or gives up after ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await pause(2)
  }
}
