import { parseArgs } from 'node:util'
import { describeEnv, type Environment, type Variables } from '../config/env.ts'
import { misspeltNames } from '../config/misspelt-names.ts'
import { explainListenError } from '../config/start-error.ts'
import type { Service } from './resources.ts'
import { run } from './run.ts'

/** A process of the system, as its `main.ts` tells it. */
export interface ProcessOptions {
  name: string
  /** What it does, in a line. */
  about: string
  variables: Variables
  /** Reads its configuration and starts it. */
  start(environment: Environment): Promise<Service>
  /** Other things that it can be told to do, once, by name. */
  tasks?: Record<string, { about: string; run(environment: Environment): Promise<string> }>
}

/** Runs what the command line asks for: the service, one of its tasks, or `--help`. */
export async function runProcess(options: ProcessOptions, args: string[], environment: Environment): Promise<void> {
  const { name, tasks = {} } = options
  const help = helpOf(options)
  const asked = parse(args, Object.keys(tasks))
  if ('problem' in asked) {
    process.stderr.write(`${asked.problem}\n\n${help}`)
    process.exitCode = 1
    return
  }
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  if (asked.help) return say(help)
  const task = asked.task === undefined ? undefined : tasks[asked.task]
  await run(async () => {
    if (task) {
      say(await task.run(environment))
      return 'done'
    }
    const service = await options.start(environment).catch((error) => {
      throw explainListenError(error, environment)
    })
    warnOfNames(environment, options.variables)
    const adapters = Object.entries(service.adapters ?? {}).map(([port, adapter]) => `${port}: ${adapter}`)
    const place = `${service.url}${adapters.length > 0 ? ` (${adapters.join(', ')})` : ''}`
    return sayWhenReady(name, place, service, say)
  })
}

/** Says where the service listens, and when it is ready for the first time. Later changes are logged by whoever watches what it needs. */
export function sayWhenReady(name: string, place: string, service: Service, say: (line: string) => void): Service {
  const missing = service.missing ?? (() => [])
  const isReady = () => {
    if (missing().length > 0) return false
    say(`${name} is ready at ${place}`)
    return true
  }
  if (isReady()) return service
  say(`${name} listens at ${place}, and is not ready yet: ${missing().join('; ')}`)
  const looking = setInterval(() => isReady() && clearInterval(looking), 100).unref()
  return {
    ...service,
    stop() {
      clearInterval(looking)
      return service.stop()
    },
  }
}

/** Says, and returns, which unknown names are almost known ones: such a setting has no effect. (In production they are refused.) */
export function warnOfNames(environment: Environment, variables: Variables): string[] {
  const problems = misspeltNames(environment, Object.keys(variables))
  for (const problem of problems) process.stderr.write(`Ignored: ${problem}\n`)
  return problems
}

function helpOf({ name, about, variables, tasks = {} }: ProcessOptions): string {
  const lines = Object.entries(tasks).map(([task, it]) => `  npm run start:${name} -- ${task}   ${it.about}`)
  return [
    `${name}: ${about}`,
    '',
    `  npm run start:${name}`,
    `  npm run start:${name} -- --help`,
    ...lines,
    '',
    'Set in the environment [default]:',
    describeEnv(variables),
    '',
  ].join('\n')
}

function parse(args: string[], tasks: string[]): { help?: boolean; task?: string } | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    })
    const unknown = positionals.find((word, index) => index > 0 || !tasks.includes(word))
    if (unknown !== undefined)
      return {
        problem: `What is "${unknown}"? It is started without a word, or with: ${tasks.join(', ') || '--help'}.`,
      }
    return { help: values.help, task: positionals[0] }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
