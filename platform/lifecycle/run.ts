import process from 'node:process'
import { ConfigError } from '../config/env.ts'
import type { Service } from './resources.ts'

/**
 * Runs a service as this process: starts it, stops it on SIGTERM or SIGINT, and exits. The only place that ends a process.
 * A second signal, or a stop that takes longer than `grace` milliseconds, ends it at once with code 1.
 */
export async function run(start: () => Promise<Service>, { grace = 25_000 } = {}): Promise<void> {
  let service: Service
  try {
    service = await start()
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`)
    process.exit(1)
  }
  let stopping = false
  const stop = async () => {
    if (stopping) process.exit(1)
    stopping = true
    setTimeout(() => process.exit(1), grace).unref()
    const code = await service.stop().then(
      () => 0,
      (error) => {
        process.stderr.write(`${describe(error)}\n`)
        return 1
      },
    )
    process.exit(code)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

const describe = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
