import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createResources } from '../platform/lifecycle/resources.ts'
import { startProcess } from '../tests/process.ts'
import { measureSystem, memoryOf, type SystemFigures } from './measure-system.ts'
import { unlimitedVariables } from './processes/parley-settings.ts'
import { openPlace, startOnServers } from './processes/system.ts'

const help = `Measures Parley on real servers beside the embedded engine, in one run.

  npm run bench:stack                    ten seconds a figure
  npm run bench:stack -- --seconds 30

Starts the servers of \`npm run stack\` unless they run. Prints a table, then everything as JSON.
`
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, help: { type: 'boolean' } } })
const say = (line: string) => void process.stderr.write(`${line}\n`)

async function measureEmbedded(seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const system = await startProcess(folder, { OPERATIONS_PER_MINUTE: unlimitedVariables.OPERATIONS_PER_MINUTE })
  try {
    return { figures: await measureSystem([system.url], seconds), memory: { all: memoryOf(system.pid) } }
  } finally {
    await system.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureStack(seconds: number) {
  const resources = createResources({ deadline: 60_000 })
  try {
    const { processes, urls } = await startOnServers(resources, await openPlace(resources, say))
    const figures = await measureSystem(urls, seconds)
    const memory = Object.values(processes)
      .flat()
      .map((each) => [each.name, memoryOf(each.pid() ?? 0)] as const)
    return { figures, memory: Object.fromEntries(memory) }
  } finally {
    await resources.close()
  }
}

function table(embedded: SystemFigures, stack: SystemFigures): string {
  const rows = (Object.keys(embedded) as (keyof SystemFigures)[]).map((name) => {
    const cells = [stack[name], embedded[name]].map((value) => value.toFixed(1))
    return `| ${name} | ${cells.join(' | ')} | ${(stack[name] / embedded[name]).toFixed(2)} |`
  })
  return ['| figure | on real servers | embedded | ratio |', '|---|---|---|---|', ...rows].join('\n')
}

if (values.help) process.stdout.write(help)
else {
  const seconds = Number(values.seconds)
  say('The embedded engine, one process …')
  const embedded = await measureEmbedded(seconds)
  say('Real servers, eight processes …')
  const stack = await measureStack(seconds)
  const memory = Object.entries({ ...stack.memory, 'embedded, one process': embedded.memory.all })
  process.stdout.write(`${table(embedded.figures, stack.figures)}\n\n`)
  process.stdout.write(`| process | memory after the run |\n|---|---|\n`)
  for (const [name, megabytes] of memory) process.stdout.write(`| ${name} | ${megabytes.toFixed(0)} MB |\n`)
  process.stdout.write(`\n${JSON.stringify({ seconds, embedded, stack })}\n`)
}
