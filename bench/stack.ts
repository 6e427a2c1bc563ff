import { integer } from '../platform/config/variable-kinds.ts'
import type { Resources } from '../platform/lifecycle/resources.ts'
import { startProcess } from '../tests/process.ts'
import { type Bench, runBenchmark } from './harness/benchmark.ts'
import { ownOnceOpen } from './harness/own-once-open.ts'
import type { Table } from './harness/table.ts'
import { measureSystem, memoryOf, type SystemFigures } from './measure-system.ts'
import { temporaryFolder } from './processes/parley.ts'
import { unlimitedVariables } from './processes/parley-settings.ts'
import { openPlace, startOnServers } from './processes/system.ts'

await runBenchmark({
  name: 'stack',
  about: `Parley as separate processes on real servers, beside the embedded engine in one process, in one run: requests, sends, delivery and
memory. Starts the servers of \`npm run stack\` unless they run.`,
  options: { seconds: integer('seconds that each figure is measured for', 10, 1) },
  async measure({ seconds }, bench) {
    bench.say('The embedded engine, one process …')
    const embedded = await measureEmbedded(bench.resources, seconds)
    bench.say('Real servers, eight processes …')
    const stack = await measureStack(bench, seconds)
    const memory = { ...stack.memory, 'embedded, one process': embedded.memory.all }
    return {
      tables: [figureTable(stack.figures, embedded.figures), memoryTable(memory)],
      figures: { embedded, stack },
    }
  },
})

async function measureEmbedded(resources: Resources, seconds: number) {
  const { POINTS_PER_MINUTE, ADDRESS_POINTS_PER_MINUTE } = unlimitedVariables
  const starting = startProcess(await temporaryFolder(resources), {
    POINTS_PER_MINUTE,
    ADDRESS_POINTS_PER_MINUTE,
  })
  const system = await ownOnceOpen(resources, starting, ({ end }) => end('SIGTERM'))
  const figures = await measureSystem([system.url], seconds)
  const memory = { all: memoryOf(system.pid) }
  // The next system has the machine to itself.
  await system.end('SIGTERM')
  return { figures, memory }
}

async function measureStack({ resources, say }: Bench, seconds: number) {
  const { processes, urls } = await startOnServers(resources, await openPlace(resources, say))
  const figures = await measureSystem(urls, seconds)
  const memory: Record<string, number> = {}
  for (const { name, pid } of Object.values(processes).flat()) memory[name] = memoryOf(pid() ?? 0)
  return { figures, memory }
}

function figureTable(stack: SystemFigures, embedded: SystemFigures): Table {
  const names = Object.keys(embedded) as (keyof SystemFigures)[]
  const rows = names.map((figure) => ({
    figure,
    'on real servers': stack[figure],
    embedded: embedded[figure],
    ratio: stack[figure] / embedded[figure],
  }))
  return { title: 'Real servers beside the embedded engine', rows }
}

function memoryTable(memory: Record<string, number>): Table {
  const rows = Object.entries(memory).map(([process, megabytes]) => ({ process, MB: megabytes }))
  return { title: 'Resident memory after the run', rows }
}
