import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { buildSchema } from 'graphql'
import { runFacts } from '../../bench/harness/run-facts.ts'
import { checkAbuse } from './check-abuse.ts'
import { problemsIn } from './verdict.ts'

const help = `Attacks Parley as one account at one address, within its limits, and measures what that costs it and others.

  npm run check:abuse -- --seed 1

  --seed N         the same seed begins the search in the same place [1]
  --operations N   operations that are measured one by one [10000]
  --flood N        seconds of everything at once, while a bystander chats; 0: none [60]
  --rooms N        rooms of the attacker [100]
  --full-rooms N   how many of them hold 100 of the largest messages [3]

It searches for the operations that cost most (aliases, pages, fragments, conditions, variables, introspection, comments, over HTTP and
WebSocket) and sends the worst of them beside sockets, subscriptions, frames, half requests and messages. Exits with 1 when one operation
costs more than 250 ms of processor time or 32 MB, when the process holds over 10 % more after the operations than once its caches were
full, or when a bystander loses a message or its p99 (25 ms at least) more than doubles. SIGINT ends the search with what was measured, and
there is no flood then. Progress goes to standard error, the result to standard output, as JSON. Memory of an operation is measured on Linux.
`
const say = (line: string) => void process.stderr.write(`${line}\n`)

function readCommandLine() {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      seed: text,
      operations: text,
      flood: text,
      rooms: text,
      'full-rooms': text,
      help: { type: 'boolean', short: 'h' },
    },
  })
  const whole = (name: 'seed' | 'operations' | 'flood' | 'rooms' | 'full-rooms', fallback: number, from: number) => {
    const number = Number(values[name] ?? fallback)
    if (!Number.isInteger(number) || number < from) throw new Error(`--${name} must be a whole number from ${from}`)
    return number
  }
  return {
    help: values.help ?? false,
    settings: {
      seed: whole('seed', 1, 0),
      operations: whole('operations', 10_000, 1),
      floodSeconds: whole('flood', 60, 0),
      world: { rooms: whole('rooms', 100, 1), fullRooms: whole('full-rooms', 3, 0) },
    },
  }
}

async function run(): Promise<void> {
  const { help: wantsHelp, settings } = readCommandLine()
  if (wantsHelp) return void process.stdout.write(help)
  let isStopped = false
  process.on('SIGINT', () => {
    say('Ends with what was measured; a flood that has begun runs its time')
    isStopped = true
  })
  const schema = buildSchema(await readFile(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))
  const report = await checkAbuse({ ...settings, schema, say, isStopped: () => isStopped })
  const problems = problemsIn(report)
  process.stdout.write(`${JSON.stringify({ ...runFacts(), settings, ...report, problems }, null, 2)}\n`)
  for (const problem of problems) say(problem)
  if (problems.length > 0) process.exitCode = 1
}

await run().catch((error: Error) => {
  say(`${error.message}\n\n${help}`)
  process.exitCode = 1
})
