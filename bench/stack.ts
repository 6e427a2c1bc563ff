import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { newSecrets } from '../dev/processes/secrets.ts'
import { startSystemProcesses } from '../dev/processes/system-processes.ts'
import { down, up, urls } from '../dev/stack/stack.ts'
import { startProcess } from '../tests/process.ts'
import { makePlace } from '../tests/servers/place.ts'
import { measureSystem, memoryOf, type SystemFigures } from './measure-system.ts'

const help = `Measures Parley on real servers beside the embedded engine, in one run.

  npm run bench:stack                    ten seconds a figure
  npm run bench:stack -- --seconds 30

Starts the servers of \`npm run stack\` unless they run. Prints a table, then everything as JSON.
`
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, help: { type: 'boolean' } } })
const relaxed = {
  OPERATIONS_PER_MINUTE: '100000000',
  LOGINS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
}
const say = (line: string) => void process.stderr.write(`${line}\n`)

async function measureEmbedded(seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const system = await startProcess(folder, { OPERATIONS_PER_MINUTE: relaxed.OPERATIONS_PER_MINUTE })
  try {
    return { figures: await measureSystem([system.url], seconds), memory: { all: memoryOf(system.pid) } }
  } finally {
    await system.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureStack(servers: Record<string, string>, seconds: number) {
  const place = await makePlace((server) => servers[`${server.toUpperCase()}_URL`])
  const system = await startSystemProcesses({
    servers: place.variables,
    secrets: newSecrets(),
    environment: { all: relaxed },
  })
  try {
    const gateways = system.processes.gateway.map(({ url }) => url)
    const figures = await measureSystem(gateways, seconds)
    const memory = Object.values(system.processes)
      .flat()
      .map((each) => [each.name, memoryOf(each.pid() ?? 0)] as const)
    return { figures, memory: Object.fromEntries(memory) }
  } finally {
    await system.stop()
    await place.remove()
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
  const hadServers = Object.keys(await urls()).length === 4
  const servers = await up(process.env, say)
  try {
    say('The embedded engine, one process …')
    const embedded = await measureEmbedded(seconds)
    say('Real servers, eight processes …')
    const stack = await measureStack(servers, seconds)
    const memory = Object.entries({ ...stack.memory, 'embedded, one process': embedded.memory.all })
    process.stdout.write(`${table(embedded.figures, stack.figures)}\n\n`)
    process.stdout.write(`| process | memory after the run |\n|---|---|\n`)
    for (const [name, megabytes] of memory) process.stdout.write(`| ${name} | ${megabytes.toFixed(0)} MB |\n`)
    process.stdout.write(`\n${JSON.stringify({ seconds, embedded, stack })}\n`)
  } finally {
    if (!hadServers) await down({ wipeData: false, say })
  }
}
