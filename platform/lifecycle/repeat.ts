import { setTimeout as pause } from 'node:timers/promises'
import { awayReason } from '../errors/away.ts'
import type { Logger } from '../logging/logger.ts'
import type { Closable } from './resources.ts'

export interface RepeatOptions {
  /** Names the task in the log. */
  name: string
  task(): Promise<void>
  /** Milliseconds from the end of a run to the next, give or take a fifth: replicas don't run in step. */
  every: number
  logger: Logger
}

const longestBackoff = 30_000

/**
 * Runs the task now and then again and again; resolves after the first run, whatever comes of it. After a failure, which is
 * logged, it runs again in a second, then ever later up to half a minute. Closing waits for the running one.
 */
export async function repeat({ name, task, every, logger }: RepeatOptions): Promise<Closable> {
  const stopped = new AbortController()
  let failures = 0
  /** For a part that is away: an outage is expected, and logged once. */
  let isWaiting = false
  const run = async () => {
    try {
      await task()
      if (isWaiting) logger.info({ task: name, failures }, 'a task works again')
      failures = 0
      isWaiting = false
    } catch (error) {
      failures += 1
      const reason = awayReason(error)
      if (reason === undefined) logger.error({ err: error, task: name, failures }, 'a task failed; it runs again')
      else if (!isWaiting) logger.warn({ reason, task: name }, 'a task waits for a part that is away')
      isWaiting ||= reason !== undefined
    }
  }
  const loop = async () => {
    while (!stopped.signal.aborted) {
      const delay = failures > 0 ? Math.min(longestBackoff, 500 * 2 ** failures) : every
      const jittered = delay * (0.8 + Math.random() * 0.4)
      const slept = await pause(jittered, true, { signal: stopped.signal, ref: false }).catch(() => false)
      if (slept) await run()
    }
  }
  await run()
  const looping = loop()
  return {
    async close() {
      stopped.abort()
      await looping
    },
  }
}
