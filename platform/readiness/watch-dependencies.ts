import { setTimeout as pause } from 'node:timers/promises'
import type { Closable } from '../lifecycle/resources.ts'
import { within } from '../lifecycle/within.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Knows at any time which dependencies answer, because it asks them in the background. */
export interface DependencyWatch extends Closable {
  /** Those that do not serve, or of which nothing recent is known: their names, or the reason where there is one. Answers at once. */
  missing(): string[]
}

/** Whether a dependency serves; with a whole sentence as the reason where it answers that it does not. */
export type Answer = boolean | { reason: string }

export interface WatchOptions {
  /** How to ask each dependency, by its name. Resolves with something other than true, or rejects, when it does not serve. */
  dependencies: Record<string, () => Promise<Answer>>
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
  ask(): Promise<Answer>
  answer: Answer
  knownAt: number
  asking?: Promise<Answer>
}

const reasonOf = (answer: Answer) => (typeof answer === 'object' ? answer.reason : undefined)

/** Asks every dependency once before it resolves, each within the deadline, and then again and again. Logs each change. */
export async function watchDependencies(options: WatchOptions): Promise<DependencyWatch> {
  const { logger, metrics, every = 1_000, deadline = 1_000, now = () => performance.now() } = options
  const dependencies = Object.entries(options.dependencies).map(
    ([name, ask]): Dependency => ({ name, ask, answer: true, knownAt: Number.NEGATIVE_INFINITY }),
  )
  const stopped = new AbortController()
  const isMissing = ({ answer, knownAt }: Dependency) => answer !== true || now() - knownAt > knownFor

  const look = async (dependency: Dependency) => {
    // One question at a time: those to a server that hangs must not add up.
    dependency.asking ??= dependency.ask().finally(() => {
      dependency.asking = undefined
    })
    const answer = await within(deadline, dependency.asking, `no answer within ${deadline} ms`).catch(() => false)
    if (stopped.signal.aborted) return
    const [reason, before] = [reasonOf(answer), reasonOf(dependency.answer)]
    const { name } = dependency
    if (answer === true && dependency.answer !== true) logger.info({ dependency: name, before }, `${name}: available`)
    if (answer !== true && (dependency.answer === true || reason !== before))
      logger.warn(
        { dependency: name, reason },
        `${name}: not available, so this process is not ready${reason ? `: ${reason}` : ''}`,
      )
    dependency.answer = answer
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
    missing: () => dependencies.filter(isMissing).map(({ name, answer }) => reasonOf(answer) ?? name),
    async close() {
      stopped.abort()
      await Promise.all(watching)
    },
  }
}
