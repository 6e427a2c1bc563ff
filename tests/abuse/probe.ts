import { type Caller, type Outcome, sendAttack } from './operations/send-attack.ts'
import { type Attack, operationNames } from './operations/write-operation.ts'
import type { AttackedSystem } from './target/system.ts'

/** What an operation costs the whole system: processor time in milliseconds, memory in bytes where that can be told. */
export interface Cost {
  cpu: number
  memory: number | undefined
}

/** What no request may cost. */
export const allowed = { cpu: 250, memory: 32_000_000 }

/** How much of what is allowed it costs: over 1 is too much. */
export const shareOf = ({ cpu, memory = 0 }: Cost) => Math.max(cpu / allowed.cpu, memory / allowed.memory)

export interface Probed extends Cost {
  outcome: Outcome
  attack: Attack
}

/** More than can be measured: the system did not answer any more. */
const endless: Cost = { cpu: Number.POSITIVE_INFINITY, memory: undefined }

/**
 * Measures what an attack costs, alone. One that costs too much is tried again, because a collection of garbage or a timer may have
 * fallen into the first try; the cheapest try counts. `write` writes the same operation under each name: a repeat of the same text would
 * find what the first try left in caches.
 */
export async function probe(
  system: AttackedSystem,
  caller: Caller,
  write: (name: (typeof operationNames)[number]) => Attack,
): Promise<Probed> {
  let cheapest: Probed | undefined
  for (const name of operationNames) {
    const attack = write(name)
    await system.beginMeasuring()
    const outcome = await sendAttack(attack, caller)
    const used = await system.endMeasuring()
    if (used === 'hung') return { ...endless, outcome, attack }
    const probed: Probed = { cpu: used.cpu, memory: used.memory, outcome, attack }
    if (!cheapest || shareOf(probed) < shareOf(cheapest)) cheapest = probed
    if (shareOf(cheapest) <= 1) break
  }
  return cheapest as Probed
}
