import process from 'node:process'
import { parseArgs } from 'node:util'
import { ConfigError, describeEnv, readEnv, type Values, type Variables } from '../../platform/config/env.ts'
import { createResources, type Resources } from '../../platform/lifecycle/resources.ts'
import { run } from '../../platform/lifecycle/run.ts'
import { runFacts } from './run-facts.ts'
import { type Table, tableText } from './table.ts'

/** What a benchmark found out: for people, and for machines. */
export interface Findings {
  tables: Table[]
  figures: object
}

export interface Benchmark<V extends Variables> {
  /** As in `npm run bench:<name>`. */
  name: string
  about: string
  /** By the name of the option on the command line. */
  options: V
  /** What it opens it gives to `resources`. */
  measure(values: Values<V>, bench: Bench): Promise<Findings>
}

export interface Bench {
  resources: Resources
  /** Tells whoever waits how far it is. */
  say(line: string): void
}

/** After a signal, in milliseconds: processes end, and then the servers below them that the benchmark started. */
const grace = 120_000

/** Runs it as this process: tables go to standard error, a JSON result to standard output. */
export async function runBenchmark<V extends Variables>(benchmark: Benchmark<V>): Promise<void> {
  const { name, options } = benchmark
  const work = async () => {
    const given = givenOptions(options)
    if (given.help) process.stdout.write(helpOf(benchmark))
    else {
      const parameters = readEnv(given as Record<string, string>, options)
      const findings = await measured(benchmark, parameters)
      for (const table of findings.tables) process.stderr.write(`\n${tableText(table)}`)
      process.stdout.write(`${JSON.stringify({ benchmark: name, ...runFacts(), parameters, ...findings.figures })}\n`)
    }
    return 'done' as const
  }
  // The whole of it is a start: it closes what it has opened.
  await run(work, { startGrace: grace })
}

function givenOptions(options: Variables) {
  const flags = Object.keys(options).map((option) => [option, { type: 'string' }] as const)
  try {
    return parseArgs({ options: { ...Object.fromEntries(flags), help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : String(error)])
  }
}

async function measured<V extends Variables>(benchmark: Benchmark<V>, values: Values<V>): Promise<Findings> {
  const resources = createResources({ deadline: 60_000 })
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`Ended by ${signal}`)))
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    return await Promise.race([benchmark.measure(values, { resources, say }), interrupted])
  } finally {
    await resources.close()
  }
}

function helpOf({ name, about, options }: Benchmark<Variables>): string {
  const flags = Object.entries(options).map(([option, variable]) => [`--${option}`, variable])
  return `${about}\n\n  npm run bench:${name} [-- options]\n\n${describeEnv(Object.fromEntries(flags))}\n`
}
