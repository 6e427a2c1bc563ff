import type { GraphQLSchema } from 'graphql'
import type { Chance } from '../delivery/chance.ts'
import type { Knobs } from './operations/knobs.ts'
import { createPopulation } from './operations/population.ts'
import type { Caller } from './operations/send-attack.ts'
import { type Attack, writeOperation } from './operations/write-operation.ts'
import { allowed, type Cost, probe, shareOf } from './probe.ts'
import type { AttackedSystem } from './target/system.ts'
import type { World } from './target/world.ts'

/** An operation, shortened, with what it cost. */
export interface Finding extends Cost {
  ended: string
  bytes: number
  query: string
  knobs: Knobs
}

export interface SearchResult {
  operations: number
  /** By how they ended: a status, the type of a message, or a close code. */
  endings: Record<string, number>
  worstByCpu: Finding | undefined
  worstByMemory: Finding | undefined
  /** Those that cost more than is allowed. */
  tooMuch: Finding[]
  /** The most expensive ones, as attacks that can be sent again. */
  worst: Attack[]
}

export interface SearchOptions {
  system: AttackedSystem
  caller: Caller
  schema: GraphQLSchema
  world: World
  chance: Chance
  operations: number
  /** Is called after each operation; the search waits for it. */
  onProgress(done: number, worst: Cost | undefined): Promise<void>
  isStopped(): boolean
}

/** Searches for the operations that cost most, each measured alone. */
export async function findWorstOperations(options: SearchOptions): Promise<SearchResult> {
  const { system, caller, schema, world, chance, operations, onProgress, isStopped } = options
  const population = createPopulation(chance)
  const result: SearchResult = {
    operations: 0,
    endings: {},
    worstByCpu: undefined,
    worstByMemory: undefined,
    tooMuch: [],
    worst: [],
  }
  while (result.operations < operations && !isStopped()) {
    const knobs = population.next()
    const { cpu, memory, outcome, attack } = await probe(system, caller, (name) =>
      writeOperation(knobs, schema, world, name),
    )
    const cost = { cpu, memory }
    population.note(knobs, shareOf(cost))
    const finding: Finding = { ...cost, ...outcome, query: shortened(attack.query), knobs: attack.knobs }
    result.operations += 1
    result.endings[outcome.ended] = (result.endings[outcome.ended] ?? 0) + 1
    if (cpu > (result.worstByCpu?.cpu ?? -1)) result.worstByCpu = finding
    if ((memory ?? 0) > (result.worstByMemory?.memory ?? -1)) result.worstByMemory = finding
    if (cpu > allowed.cpu || (memory ?? 0) > allowed.memory) result.tooMuch.push(finding)
    if (cpu === Number.POSITIVE_INFINITY) caller.url = await system.start(false)
    await onProgress(result.operations, result.worstByCpu)
  }
  result.worst = population.worst().map((knobs) => writeOperation(knobs, schema, world))
  return result
}

const shortened = (query: string) => {
  const text = query
    .replaceAll(/(#\n){2,}/g, '#…\n')
    .replaceAll(/ {2,}/g, ' … ')
    .trim()
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text
}
