import { setTimeout as pause } from 'node:timers/promises'
import type { Closable } from '../lifecycle/resources.ts'
import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Knows at any time which dependencies answer, because it asks them in the background. */
export interface DependencyWatch extends Closable {
  /** The names of those that do not answer, or of which nothing recent is known. Answers at once. */
  missing(): string[]
}

export interface WatchOptions {
  /** How to ask each dependency, by its name. Resolves with false, or rejects, when it does not serve. */
  dependencies: Record<string, () => Promise<boolean>>
  logger: Logger
  metrics?: Metrics
  /** Milliseconds from an answer to the next question, give or take a fifth. */
  every?: number
  /** How long an answer may take, in milliseconds. */
  deadline?: number
  now?(): number
}

/** What is known of a dependency counts for so many milliseconds: longer than a question that is asked late on a busy machine takes. */
const knownFor = 10_000

interface Dependency {
  name: string
  ask(): Promise<boolean>
  answers: boolean
  knownAt: number
  asking?: Promise<boolean>
}

/** Asks every dependency once before it resolves, each within the deadline, and then again and again. Logs each change. */
export async function watchDependencies(options: WatchOptions): Promise<DependencyWatch> {
  const { logger, metrics, every = 1_000, deadline = 1_000, now = () => performance.now() } = options
  const dependencies = Object.entries(options.dependencies).map(
    ([name, ask]): Dependency => ({ name, ask, answers: true, knownAt: Number.NEGATIVE_INFINITY }),
  )
  const stopped = new AbortController()
  const isMissing = ({ answers, knownAt }: Dependency) => !answers || now() - knownAt > knownFor

  const look = async (dependency: Dependency) => {
    // One question at a time: those to a server that hangs must not add up.
    dependency.asking ??= dependency.ask().finally(() => {
      dependency.asking = undefined
    })
    const answers = await within(deadline, dependency.asking, `no answer within ${deadline} ms`).catch(() => false)
    if (stopped.signal.aborted) return
    if (answers !== dependency.answers) {
      if (answers) logger.info({ dependency: dependency.name }, `${dependency.name}: available`)
      else
        logger.warn({ dependency: dependency.name }, `${dependency.name}: not available, so this process is not ready`)
    }
    dependency.answers = answers
    dependency.knownAt = now()
  }
  const watch = async (dependency: Dependency) => {
    while (!stopped.signal.aborted) {
      const delay = every * (0.8 + Math.random() * 0.4)
      await pause(delay, undefined, { signal: stopped.signal, ref: false }).catch(() => {})
      if (!stopped.signal.aborted) await look(dependency)
    }
  }
  metrics?.gauges('parley_dependency_ready', 'Whether a dependency answers: 1, or 0', 'dependency', () =>
    dependencies.map((dependency) => [dependency.name, isMissing(dependency) ? 0 : 1] as [string, number]),
  )
  await Promise.all(dependencies.map(look))
  const watching = dependencies.map(watch)
  return {
    missing: () => dependencies.filter(isMissing).map(({ name }) => name),
    async close() {
      stopped.abort()
      await Promise.all(watching)
    },
  }
}
