import { mkdtemp, rm } from 'node:fs/promises'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GraphQLSchema } from 'graphql'
import { eachOf } from '../../bench/load.ts'
import { startChildFile } from '../../bench/processes/child.ts'
import { createResources } from '../../platform/lifecycle/resources.ts'
import { createChance } from '../delivery/chance.ts'
import type { BystanderChild } from './bystander-child.ts'
import { fillCaches } from './fill-caches.ts'
import { type FloodCounts, flood } from './flood.ts'
import { randomKnobs } from './operations/knobs.ts'
import { type Caller, sendAttack } from './operations/send-attack.ts'
import { type Attack, writeOperation } from './operations/write-operation.ts'
import { type AttackedSystem, createAttackedSystem } from './target/system.ts'
import { makeWorld, type World, type WorldSize } from './target/world.ts'
import { findWorstOperations, type SearchResult } from './worst-operations.ts'

export interface AbuseSettings {
  seed: number
  /** How many operations are measured one by one. */
  operations: number
  /** How long everything is done at once, in seconds; 0: not at all. */
  floodSeconds: number
  world: WorldSize
}

export interface AbuseReport {
  /** What single operations cost, without budgets. */
  search: Omit<SearchResult, 'worst'>
  /**
   * What the process held before the search and after it, in bytes after a collection of garbage, and after each 1,000 of its operations:
   * a leak grows on, a cache that fills does not.
   */
  heap: { before: number; after: number; rounds: number[] }
  /** What a bystander met alone and under the flood, in milliseconds. */
  bystander?: { alone: Delays; flooded: Delays; flood: FloodCounts }
}

export interface Delays {
  messages: number
  lost: number
  /** Why the first of these was lost. */
  firstLoss?: string
  p50: number
  p99: number
}

export interface AbuseOptions extends AbuseSettings {
  schema: GraphQLSchema
  say(line: string): void
  isStopped?(): boolean
}

/** How many operations fill the caches before the search, at the most, and how many of them are under way at a time. */
const warmUp = { most: 16_000, lanes: 8 }
/** Operations of the search between two looks at the heap. */
const heapEvery = 1_000

/** Attacks a system of its own, on the embedded engine, and measures what that costs it and others. */
export async function checkAbuse(options: AbuseOptions): Promise<AbuseReport> {
  const { floodSeconds, say, isStopped } = options
  const resources = createResources({ deadline: 60_000 })
  return resources.closeIfThrows(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-abuse-'))
    resources.onClose(() => rm(folder, { recursive: true, force: true }))
    const system = resources.own(createAttackedSystem(join(folder, 'data')))
    say('Making rooms and messages')
    const url = await system.start(false)
    const world = await makeWorld(url, options.world)
    const { heap, worst, ...search } = await searchAlone(options, system, url, world)
    let bystander: AbuseReport['bystander']
    if (floodSeconds > 0 && !isStopped?.()) {
      say(`Everything at once for ${floodSeconds} s`)
      const flooded = await system.start(true)
      bystander = await watchBystander(flooded, world, worst, floodSeconds)
    }
    await resources.close()
    return { search, heap, ...(bystander && { bystander }) }
  })
}

async function searchAlone(options: AbuseOptions, system: AttackedSystem, url: string, world: World) {
  const { seed, operations, schema, say, isStopped = () => false } = options
  const caller: Caller = { url, accessToken: world.attacker.accessToken }
  const chance = createChance(seed)
  // Chance of its own: however many operations fill the caches, the same seed begins the search in the same place.
  const fillingChance = createChance(-1 - seed)
  const before = await fillCaches({
    heap: system.heap,
    async send(count) {
      await eachOf(Array.from({ length: count }), warmUp.lanes, async () => {
        if (!isStopped()) await sendAttack(writeOperation(randomKnobs(fillingChance), schema, world), caller)
      })
    },
    most: Math.min(warmUp.most, operations),
    say,
    isStopped,
  })
  const rounds: number[] = []
  let nextLine = 0
  const onProgress = async (done: number, worst: { cpu: number } | undefined) => {
    if (performance.now() >= nextLine) {
      nextLine = performance.now() + 15_000
      say(`${done} of ${operations} operations; the most expensive one so far took ${Math.round(worst?.cpu ?? 0)} ms`)
    }
    if (done % heapEvery > 0) return
    const held = await system.heap()
    rounds.push(held)
    say(`${done} operations, ${Math.round(held / 1e6)} MB`)
  }
  const result = await findWorstOperations({
    system,
    caller,
    schema,
    world,
    chance,
    operations,
    onProgress,
    isStopped,
  })
  const after = await system.heap()
  return { ...result, heap: { before, after, rounds } }
}

/** The attacker and the bystander call from addresses of their own where the machine has several on its loopback (Linux does). */
const addresses = process.platform === 'linux' ? { attacker: '127.0.0.66', bystander: '127.0.0.2' } : {}

async function watchBystander(url: string, world: World, worst: Attack[], seconds: number) {
  const { attacker, bystander: person, quietRoom } = world
  const other: Caller = { url, accessToken: person.accessToken, localAddress: addresses.bystander }
  const bystander = startChildFile<BystanderChild>('the bystander', new URL('bystander-child.ts', import.meta.url))
  try {
    // An attacker has a machine of its own: this process takes no time that the system or the bystander could use.
    setPriority(constants.priority.PRIORITY_LOW)
    await bystander.ask('open', other, quietRoom)
    // The first messages find cold code.
    await bystander.ask('chat', 2)
    const alone = summary(await bystander.ask('chat', Math.max(5, Math.ceil(seconds / 3))))
    const caller: Caller = { url, accessToken: attacker.accessToken, localAddress: addresses.attacker }
    const over = AbortSignal.timeout(seconds * 1_000)
    const [flooded, counts] = await Promise.all([
      bystander.ask('chat', seconds),
      flood({ caller, world, worst, signal: over }),
    ])
    return { alone, flooded: summary(flooded), flood: counts }
  } finally {
    await bystander.close()
  }
}

function summary({ delays, lost }: { delays: number[]; lost: string[] }): Delays {
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) * 10) / 10
  const [firstLoss] = lost
  return { messages: delays.length, lost: lost.length, ...(firstLoss && { firstLoss }), p50: at(0.5), p99: at(0.99) }
}
