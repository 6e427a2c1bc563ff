import process from 'node:process'
import { StartError } from '../config/start-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Service } from './resources.ts'

export interface RunOptions {
  /** How long the service may take to stop, in milliseconds, where it does not say so itself. */
  grace?: number
  /** How long a start that a signal interrupts may still take to come to its own end, in milliseconds. */
  startGrace?: number
}

const exitCodes = { SIGTERM: 143, SIGINT: 130 }

/**
 * Runs a service as this process: starts it, stops it on SIGTERM or SIGINT, and exits. The only place that ends a process. After a
 * signal, a start that is nearly done is finished, so that whatever it opened is closed. One that waits longer is given up within
 * `startGrace`, with one line and the code of the signal: 143 for SIGTERM. A second signal, or a stop that takes longer than it may,
 * ends the process at once with code 1. A start that returns `done` instead of a service ends the process with 0.
 */
export async function run(
  start: () => Promise<Service | 'done'>,
  { grace = 25_000, startGrace = 500 }: RunOptions = {},
): Promise<void> {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  let isStarting = true
  let isAsked = false
  let deadline: NodeJS.Timeout | undefined
  const endWithin = (milliseconds: number, end = () => process.exit(1)) => {
    clearTimeout(deadline)
    deadline = setTimeout(end, milliseconds).unref()
  }
  const onSignal = (signal: keyof typeof exitCodes) => {
    if (isAsked) process.exit(1)
    isAsked = true
    if (isStarting) endWithin(startGrace, () => giveUpStart(signal))
    else endWithin(grace)
    ask()
  }
  // From the beginning: as the first process of a container it would not get a signal that it has not asked for.
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    const service = await start()
    isStarting = false
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

/** Nothing was acknowledged yet, and the system closes what was opened. */
function giveUpStart(signal: keyof typeof exitCodes): never {
  process.stderr.write(`${signal} came while this was starting: it has given up the start\n`)
  process.exit(exitCodes[signal])
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
