import process from 'node:process'
import { StartError } from '../config/start-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Service } from './resources.ts'

/**
 * Runs a service as this process: starts it, stops it on SIGTERM or SIGINT, and exits. The only place that ends a process.
 * A signal during the start waits for the start, so that whatever it opened is closed. A second signal, or an end that takes longer
 * than the service says (`grace` milliseconds where it does not), ends it at once with code 1. What gives `done` instead of a service
 * ends the process with 0.
 */
export async function run(start: () => Promise<Service | 'done'>, { grace = 25_000 } = {}): Promise<void> {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  let isAsked = false
  let deadline: NodeJS.Timeout | undefined
  const endWithin = (milliseconds: number) => {
    clearTimeout(deadline)
    deadline = setTimeout(() => process.exit(1), milliseconds).unref()
  }
  const onSignal = () => {
    if (isAsked) process.exit(1)
    isAsked = true
    endWithin(grace)
    ask()
  }
  // From the beginning: as the first process of a container it would not get a signal that it has not asked for.
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    const service = await start()
    if (service === 'done') process.exit(0)
    const stop = () => {
      endWithin(service.stopsWithin ?? grace)
      return service.stop()
    }
    void asked.then(stop).then(() => process.exit(0), fail)
  } catch (error) {
    fail(error)
  }
}

function fail(error: unknown): never {
  process.stderr.write(`${describe(error)}\n`)
  process.exit(1)
}

/** What happened, and why: what an operator can mend in a line, anything else with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reasons = causesOf(error).map((cause) => `  because: ${cause instanceof Error ? cause.message : cause}`)
  const isPlain = error instanceof StartError || error instanceof AppError
  return [isPlain ? error.message : (error.stack ?? error.message), ...reasons].join('\n')
}

function causesOf({ cause }: Error): unknown[] {
  if (cause === undefined) return []
  return [cause, ...(cause instanceof Error ? causesOf(cause) : [])]
}
