import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'

/** What a result can be compared by: when, on what machine, and of which commit. */
export const runFacts = () => ({
  date: new Date().toISOString(),
  commit: commit(),
  node: process.version,
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
})

/** The commit, with `+` when files differ from it. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') && '+'}`
  } catch {
    return 'unknown'
  }
}
